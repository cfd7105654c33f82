import { describe, expect, test } from "vitest";
import type { Actor } from "./ctx";
import { freshProofMs, parseProofMethod, proofMethods, requireFreshProof, type Sensitivity } from "./proof";

const nowMs = 10_000_000;
const kinds: Sensitivity[] = ["accounts", "secrets", "machines"];
const person = (lastProofAtMs: number): Actor => ({
  ...{ kind: "user", id: "user_1", name: "ada", role: "admin" },
  session: { id: "session_1", method: "password", lastProofAtMs, expiresAtMs: nowMs * 2 },
});
const token: Actor = { kind: "token", id: "token_1", name: "script", role: "admin", ownerId: null };
const job: Actor = { kind: "system", job: "test", onBehalfOf: null };
const codeOf = (actor: Actor, kind: Sensitivity): string => {
  try {
    requireFreshProof(actor, kind, nowMs);
    return "passes";
  } catch (error) {
    return Reflect.get(error as object, "code") as string;
  }
};

describe.each(kinds)("what is sensitive for %s", (kind) => {
  test.each([
    ["proven now", nowMs, "passes"],
    ["proven five minutes ago", nowMs - 5 * 60_000, "passes"],
    ["proven longer ago", nowMs - 5 * 60_000 - 1, "proof-needed"],
    ["proven in the future, by a clock that was put back", nowMs + 1, "proof-needed"],
  ])("a person who has %s", (_, lastProofAtMs, expected) => expect(codeOf(person(lastProofAtMs), kind)).toBe(expected));

  test("a person without a session has proven nothing", () =>
    expect(codeOf({ kind: "user", id: "user_1", name: "ada", role: "admin" }, kind)).toBe("proof-needed"));
  test("a job of the console has nobody to ask", () => expect(codeOf(job, kind)).toBe("passes"));
  test("a token passes, except where it could outlive itself", () =>
    expect(codeOf(token, kind)).toBe(kind === "accounts" ? "refused" : "passes"));
});

test("who is refused is told what to do", () => {
  expect(() => requireFreshProof(token, "accounts", nowMs)).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/Settings/) as string }) as Error,
  );
  expect(() => requireFreshProof(person(0), "secrets", nowMs)).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/it is you/) as string }) as Error,
  );
  expect(freshProofMs).toBe(300_000);
});

test("a method is read from its own name and nothing else", () => {
  const known = ["password", "password-totp", "password-recovery", "passkey", "oidc"];
  expect([...proofMethods]).toEqual(known);
  for (const method of known) expect(parseProofMethod(method)).toBe(method);
  for (const text of ["", "Password", "x"])
    expect(() => parseProofMethod(text)).toThrow(`unknown proof method: ${text}`);
});
