import { describe, expect, test } from "vitest";
import { type Actor, actorName, actorRef, principalsOf, proveRole, streamRights, systemContext } from "./ctx";
import { roles } from "./role";

const session = { id: "session_1", method: "password" as const, lastProofAtMs: 0, expiresAtMs: 50_000 };
const person: Actor = { kind: "user", id: "user_1", name: "ada", role: "operator", session };
const token: Actor = { kind: "token", id: "token_1", name: "script", role: "operator", ownerId: "user_1" };
const job: Actor = { kind: "system", job: "backup", onBehalfOf: null };

describe("a role is proven", () => {
  test("for whoever holds it, with the request's id, or a new one", () => {
    expect(proveRole(person, "viewer", "request_1")).toEqual({ actor: person, requestId: "request_1" });
    expect(proveRole(token, "operator").requestId).toMatch(/^request_/);
  });

  test.each([person, token])("never for who has a lesser one ($kind)", (actor) => {
    for (const role of ["admin", "auditor"] as const)
      expect(() => proveRole(actor, role)).toThrow(
        expect.objectContaining({ code: "forbidden", hint: expect.stringMatching(/administrator/) as string }) as Error,
      );
  });

  test("always for a job of the console", () => {
    for (const role of roles) expect(proveRole(job, role).actor).toBe(job);
    expect(systemContext("backup").actor).toEqual(job);
    expect(systemContext("upgrade", "user_1").actor).toEqual({ kind: "system", job: "upgrade", onBehalfOf: "user_1" });
  });
});

describe("a token that is narrowed to doors", () => {
  const narrowed: Actor = { ...token, doors: ["node.reboot", "nodes.list"] };
  const refused = (actor: Actor, door: string | null) =>
    expect(() => proveRole(actor, "viewer", "request_1", door)).toThrow(
      expect.objectContaining({ code: "forbidden", hint: expect.stringMatching(/Settings/) as string }) as Error,
    );

  test("passes by those and by no other one", () => {
    expect(proveRole(narrowed, "viewer", "request_1", "node.reboot").actor).toBe(narrowed);
    refused(narrowed, "node.reset");
    refused({ ...token, doors: [] }, "node.reboot");
  });
  test("passes nowhere where the door is not said, and is told so", () => {
    refused(narrowed, null);
    expect(() => proveRole(narrowed, "viewer")).toThrow(/may not use this/);
    expect(() => proveRole(narrowed, "viewer", "request_1", "node.reset")).toThrow(/node\.reset/);
  });
  test("without doors, a token may what its role may", () => {
    for (const doors of [null, undefined])
      expect(proveRole({ ...token, doors }, "operator", "request_1", "node.reset").requestId).toBe("request_1");
  });
  test("doors of somebody who is no token narrow nothing", () => {
    expect(proveRole({ ...person, doors: ["x"] } as Actor, "viewer", "request_1", "node.reset").actor.kind).toBe(
      "user",
    );
  });
});

test("who acts is named for people, and for the log by kind and id", () => {
  expect([person, token, job].map(actorName)).toEqual(["ada", "script", "system (backup)"]);
  expect([person, token, job].map(actorRef)).toEqual(["user:user_1", "token:token_1", "system:backup"]);
});

describe("rights hang on", () => {
  test("the account and its session, the token and its owner, and for a job on nothing", () => {
    expect(principalsOf(person)).toEqual(["user_1", "session_1"]);
    expect(principalsOf({ ...person, session: undefined })).toEqual(["user_1"]);
    expect(principalsOf(token)).toEqual(["token_1", "user_1"]);
    expect(principalsOf({ ...token, ownerId: null })).toEqual(["token_1"]);
    expect(principalsOf(job)).toEqual([]);
  });

  test("a stream for a quarter of an hour at most, and never past the session or token", () => {
    const quarterMs = 15 * 60_000;
    const ageOf = (actor: Actor, nowMs: number) => streamRights(actor, nowMs).maxAgeMs;
    expect(ageOf(person, 20_000)).toBe(30_000);
    expect(ageOf({ ...token, expiresAtMs: 50_000 }, 20_000)).toBe(30_000);
    expect(ageOf(person, 60_000), "one that is over").toBe(0);
    for (const actor of [{ ...person, session: undefined }, token, job]) expect(ageOf(actor, 20_000)).toBe(quarterMs);
    expect(ageOf({ ...person, session: { ...session, expiresAtMs: quarterMs * 9 } }, 0)).toBe(quarterMs);
    expect(streamRights(person, 0).owners).toEqual(["user_1", "session_1"]);
  });
});
