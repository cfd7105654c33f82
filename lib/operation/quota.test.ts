import { afterEach, expect, test } from "vitest";
import type { Actor } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { refuseTooMuch } from "./input-budget";
import { quota, takeTurn } from "./quota";

const key = Symbol.for("ichor.operation-quota");
afterEach(() => {
  delete (globalThis as { [key]?: unknown })[key];
});

const ada: Actor = { kind: "user", id: "user_ada", name: "ada", role: "viewer" };
const eve: Actor = { kind: "user", id: "user_eve", name: "eve", role: "admin" };
const tokenOfAda = (id: string): Actor => ({ kind: "token", id, name: id, role: "viewer", ownerId: "user_ada" });
const failureOf = (work: () => unknown): AppError | null => {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
};

test("so many at a time, all tokens of an account together; others are not touched", () => {
  const releases = Array.from({ length: quota.concurrent }, (_, at) =>
    takeTurn(at % 2 ? ada : tokenOfAda(`t${at}`), 0),
  );
  const refusal = failureOf(() => takeTurn(tokenOfAda("new"), 0));
  expect(refusal).toMatchObject({ code: "rate-limited", hint: "Wait until one of them has ended." });
  takeTurn(eve, 0);
  releases[0]?.();
  releases[0]?.();
  takeTurn(ada, 0);
  expect(failureOf(() => takeTurn(ada, 0))?.code).toBe("rate-limited");
});

test("so many a minute, and the refusal says how long to wait", () => {
  for (let at = 0; at < quota.perMinute; at += 1) takeTurn(ada, at * 100)();
  expect(failureOf(() => takeTurn(ada, 50_000))).toMatchObject({
    code: "rate-limited",
    retryAfterMs: 10_000,
  });
  takeTurn(ada, 60_000)();
  expect(failureOf(() => takeTurn(ada, 60_000))?.code).toBe("rate-limited");
});

test("jobs of the system have none", () => {
  const job: Actor = { kind: "system", job: "watch", onBehalfOf: null };
  for (let at = 0; at < quota.perMinute * 2; at += 1) takeTurn(job, 0);
});

test("input is refused by depth and by count, without recursion", () => {
  const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000)) as unknown;
  expect(failureOf(() => refuseTooMuch(deep))?.message).toContain("nested more than 64 levels deep");
  expect(failureOf(() => refuseTooMuch(Array.from({ length: 200_000 }, () => 1)))?.message).toContain("100,000 values");
  expect(failureOf(() => refuseTooMuch({ a: "x".repeat(9 * 1024 * 1024) }))?.message).toContain("8 MiB");
  expect(failureOf(() => refuseTooMuch({ nodeIds: ["a", "b"], patches: ["c: 1"] }))).toBeNull();
});
