import { encode } from "next-auth/jwt";
import { afterEach, expect, test, vi } from "vitest";
import { absoluteSeconds, readSession, renewSession, sessionCookieName, sessionCookieOptions } from "./session-cookie";

const secret = "a secret of the test";
const minuteMs = 60_000;
const make = (signedInAtMs: number) =>
  encode({ token: { sub: "user_1", version: 1, signedInAtMs }, secret, maxAge: 4 * 3600 });

afterEach(() => vi.useRealTimers());

test("reads its own cookie and no other", async () => {
  const cookie = await make(Date.now());
  expect(await readSession(cookie, secret, Date.now())).toMatchObject({ sub: "user_1", version: 1 });
  expect(await readSession(cookie, "another secret", Date.now())).toBeNull();
  expect(await readSession(`${cookie.slice(0, -4)}AAAA`, secret, Date.now())).toBeNull();
  expect(await readSession("nonsense", secret, Date.now())).toBeNull();
  expect(await readSession(await encode({ token: { sub: "user_1" }, secret }), secret, Date.now())).toBeNull();
});

test("ends 12 hours after the sign-in, however often it was renewed", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const signedInAtMs = Date.now();
  let cookie = await make(signedInAtMs);
  for (let hours = 1; hours < 12; hours += 1) {
    vi.setSystemTime(signedInAtMs + hours * 60 * minuteMs);
    cookie = (await renewSession(cookie, secret, Date.now()))?.cookie ?? "not renewed";
  }
  expect(await readSession(cookie, secret, Date.now())).not.toBeNull();
  vi.setSystemTime(signedInAtMs + absoluteSeconds * 1000);
  expect(await readSession(cookie, secret, Date.now())).toBeNull();
  expect(await renewSession(cookie, secret, Date.now())).toBeNull();
});

test("ends after 4 idle hours; a fresh cookie is not renewed at every request", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const start = Date.now();
  const cookie = await make(start);
  expect(await renewSession(cookie, secret, Date.now())).toBeNull();
  vi.setSystemTime(start + 4 * 60 * minuteMs + minuteMs);
  expect(await readSession(cookie, secret, Date.now())).toBeNull();
});

test("is Secure and bound to its host under https", () => {
  expect(sessionCookieName("https://ichor.example.org")).toMatch(/^__Host-/);
  expect(sessionCookieOptions("https://ichor.example.org")).toEqual({
    httpOnly: true,
    sameSite: "lax",
    path: "/",
    secure: true,
  });
  expect(sessionCookieOptions("http://127.0.0.1:3000").secure).toBe(false);
});
