import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "@/lib/core/ids";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { takeFailures } from "./anonymous-failures";
import { newApiToken } from "./api-token";
import { currentActor, requestActor, requireRequestRole, requireRole } from "./require-role";
import { openSession } from "./session";
import { sessionCookieName } from "./session-cookie";

const served = vi.hoisted(() => ({ cookies: new Map<string, string>(), headers: new Map<string, string>() }));
vi.mock("next/headers", () => ({
  cookies: async () => ({
    get: (name: string) => (served.cookies.has(name) ? { value: served.cookies.get(name) } : undefined),
  }),
  headers: async () => ({ get: (name: string) => served.headers.get(name) ?? null }),
}));
vi.mock("next/navigation", () => ({
  redirect: (to: string) => {
    throw new Error(`redirect to ${to}`);
  },
}));
// Outside of a request of Next's nothing is cached.
vi.mock("react", async (load) => ({ ...(await load<object>()), cache: (work: unknown) => work }));

setUpTestDatabase();
const origin = "http://127.0.0.1:3000";
const cookie = sessionCookieName(origin);
const startMs = Date.UTC(2026, 5, 1);
const minuteMs = 60_000;
let userId = "";

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: startMs });
  served.cookies.clear();
  served.headers.clear();
  takeFailures();
  await db.user.deleteMany();
  userId = newId("user");
  await db.user.create({ data: { id: userId, name: "ada", role: "operator", passwordHash: "x" } });
});
afterEach(() => vi.useRealTimers());

async function signIn() {
  const client = { address: "127.0.0.1", agent: "test" };
  const { id, secret } = await openSession(userId, "password", { client, nowMs: startMs });
  served.cookies.set(cookie, secret);
  return { lastUsedMs: async () => (await db.session.findUniqueOrThrow({ where: { id } })).lastUsedAt.getTime() };
}
async function tokenOf(role: string, doors: string[] | null = null) {
  const { token, hash } = newApiToken();
  await db.apiToken.deleteMany();
  await db.apiToken.create({
    data: {
      id: "token_1",
      name: "script",
      role,
      hash,
      expiresAt: new Date(startMs + 1000),
      doors: doors && JSON.stringify(doors),
    },
  });
  return token;
}
const asked = (method: string, headers: Record<string, string> = {}) =>
  new Request(`${origin}/api/v1/nodes`, { method, headers: { host: "127.0.0.1:3000", ...headers } });
const failures = () => takeFailures().map(({ kind }) => kind);

describe("a page", () => {
  test("is shown to who is signed in and holds the role", async () => {
    await signIn();
    expect((await requireRole("operator")).actor).toMatchObject({ kind: "user", id: userId });
    await expect(requireRole("admin")).rejects.toMatchObject({ code: "forbidden" });
  });

  test("sends others to the sign-in, which leads back to it", async () => {
    await expect(requireRole("viewer")).rejects.toThrow("redirect to /sign-in");
    served.headers.set("x-ichor-path", "/nodes/w-01");
    await expect(requireRole("viewer")).rejects.toThrow(`from=${encodeURIComponent("/nodes/w-01")}`);
    expect(await currentActor()).toBeNull();
  });

  test("that somebody opens keeps the session open", async () => {
    const { lastUsedMs } = await signIn();
    vi.setSystemTime(startMs + 2 * minuteMs);
    await currentActor();
    expect(await lastUsedMs()).toBe(startMs + 2 * minuteMs);
  });
});

describe("a request", () => {
  test.each([
    ["GET", false],
    ["HEAD", false],
    ["POST", true],
    ["DELETE", true],
  ])("by %s keeps the session open: %s", async (method, keeps) => {
    const { lastUsedMs } = await signIn();
    vi.setSystemTime(startMs + 2 * minuteMs);
    expect(await requestActor(asked(method, { origin }))).toMatchObject({ id: userId });
    expect(await lastUsedMs()).toBe(keeps ? startMs + 2 * minuteMs : startMs);
  });

  test("of another site changes nothing, and is counted", async () => {
    await signIn();
    await expect(requestActor(asked("POST", { origin: "https://evil.test" }))).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(failures()).toEqual(["foreign"]);
  });

  test.each(["Bearer ", "bearer   "])(
    "with %j and a token is the token's, whatever cookie there is",
    async (scheme) => {
      await signIn();
      const token = await tokenOf("viewer");
      expect(await requestActor(asked("POST", { authorization: `${scheme}${token}` }))).toMatchObject({
        id: "token_1",
      });
      expect(failures()).toEqual([]);
    },
  );

  test("with a token that is none is refused, whatever cookie there is, and counted", async () => {
    await signIn();
    await expect(requestActor(asked("GET", { authorization: "Bearer ichor_x" }))).rejects.toMatchObject({
      ...{ code: "unauthenticated", hint: expect.stringMatching(/Bearer/) as string },
      message: expect.stringMatching(/API token/) as string,
    });
    expect(failures()).toEqual(["bearer"]);
  });

  test.each(["Basic Bearer x", "Bearer", "Bearer a b", "xBearer a"])(
    "with %j names no token",
    async (authorization) => {
      await signIn();
      expect(await requestActor(asked("GET", { authorization }))).toMatchObject({ id: userId });
    },
  );

  test("of nobody is refused and counted", async () => {
    await expect(requestActor(asked("GET"))).rejects.toMatchObject({
      ...{ code: "unauthenticated", message: "Nobody is signed in." },
    });
    expect(failures()).toEqual(["session"]);
  });

  test("has the role proven for the door that it asks for", async () => {
    const authorization = `Bearer ${await tokenOf("operator", ["nodes.list"])}`;
    const request = asked("GET", { authorization });
    const ctx = await requireRequestRole(request, "viewer", "nodes.list", "request_1");
    expect(ctx).toMatchObject({ requestId: "request_1", actor: { id: "token_1" } });
    expect((await requireRequestRole(request, "viewer", "nodes.list")).requestId).toMatch(/^request_/);
    await expect(requireRequestRole(request, "viewer", "audit.list")).rejects.toMatchObject({ code: "forbidden" });
    await expect(requireRequestRole(request, "admin", "nodes.list")).rejects.toMatchObject({ code: "forbidden" });
  });
});
