import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type AuditRow, auditOutcomes, auditPhases, chainStart, firstHash, hashRow, verifyRows } from "./chain";

type Stored = AuditRow & { hash: string };

const row = (seq: number, prevHash: string): AuditRow => ({
  seq,
  id: `audit_${seq}`,
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, seq)),
  phase: "outcome",
  action: "node.reboot",
  actor: "user:user_a",
  actorName: "ada",
  onBehalfOf: "user:user_b",
  targetKind: "node",
  targetId: "node_1",
  targetName: "w-01",
  requestId: "request_1",
  intentId: "audit_0",
  outcome: "failed",
  errorCode: "refused",
  durationMs: 12,
  detail: `{"entry":${seq}}`,
  prevHash,
});

function chain(seqs: readonly number[], from = firstHash): Stored[] {
  let hash = from;
  return seqs.map((seq) => {
    const made = row(seq, hash);
    hash = hashRow(made);
    return { ...made, hash };
  });
}

/** Another value for each field: a new field does not compile without one. */
const others: { [F in keyof AuditRow]: AuditRow[F] } = {
  seq: 9,
  id: "audit_x",
  at: new Date(0),
  phase: "intent",
  action: "node.reset",
  actor: "user:user_x",
  actorName: "eve",
  onBehalfOf: null,
  targetKind: null,
  targetId: "node_2",
  targetName: "w-02",
  requestId: "request_2",
  intentId: null,
  outcome: "succeeded",
  errorCode: null,
  durationMs: 13,
  detail: "{}",
  prevHash: "f".repeat(64),
};

describe("the hash of an entry", () => {
  const before = row(1, firstHash);

  test("is sha256 of the hash before, a line feed and the fields in this order, as docs say", () => {
    const json =
      '[1,"audit_1","2026-01-01T00:00:01.000Z","outcome","node.reboot","user:user_a","ada","user:user_b","node","node_1","w-01","request_1","audit_0","failed","refused",12,"{\\"entry\\":1}"]';
    expect(hashRow(before)).toBe(
      createHash("sha256")
        .update(`${"0".repeat(64)}\n${json}`)
        .digest("hex"),
    );
  });

  test.each(Object.keys(others) as (keyof AuditRow)[])("changes with %s", (field) => {
    expect(hashRow({ ...before, [field]: others[field] })).not.toBe(hashRow(before));
  });
});

describe("verifyRows", () => {
  test("takes a chain, in one piece or in slices, and an empty one", () => {
    const rows = chain([1, 2, 3, 4]);
    const whole = { state: "intact", seq: 4, hash: rows[3]?.hash };
    expect(verifyRows(rows)).toEqual(whole);
    const half = verifyRows(rows.slice(0, 2));
    expect(half).toEqual({ state: "intact", seq: 2, hash: rows[1]?.hash });
    expect(half.state === "intact" && verifyRows(rows.slice(2), half)).toEqual(whole);
    expect(verifyRows([])).toEqual({ state: "intact", ...chainStart });
    expect(chainStart).toEqual({ seq: 0, hash: "0".repeat(64) });
  });

  test.each([
    ["a number that is left out", [1, 3], 2, "Entry 2 is missing."],
    ["a number that comes twice", [1, 1], 2, "Entry 2 is missing."],
    ["a first number that is not 1", [2, 3], 1, "Entry 1 is missing."],
    ["numbers that go back", [1, 2, 1], 3, "Entry 3 is missing."],
  ])("refuses %s, though every hash is right", (_what, seqs, seq, reason) => {
    expect(verifyRows(chain(seqs))).toEqual({ state: "broken", seq, reason });
  });

  test("refuses a row put in place of another with a hash of its own", () => {
    const rows = chain([1, 2, 3]);
    const forged = { ...row(2, String(rows[0]?.hash)), actorName: "eve" };
    rows[1] = { ...forged, hash: hashRow(forged) };
    expect(verifyRows(rows)).toEqual({
      state: "broken",
      seq: 3,
      reason: "Entry 3 does not follow the entry before it.",
    });
  });

  test("refuses a chain that begins at another hash than it should", () => {
    expect(verifyRows(chain([1, 2], "1".repeat(64)))).toMatchObject({ state: "broken", seq: 1 });
  });

  test.each(Object.keys(others).filter((field) => field !== "seq" && field !== "prevHash"))(
    "refuses a changed %s",
    (field) => {
      const rows = chain([1, 2, 3]).map((stored) =>
        stored.seq === 2 ? { ...stored, [field]: others[field as keyof AuditRow] } : stored,
      );
      expect(verifyRows(rows)).toEqual({
        state: "broken",
        seq: 2,
        reason: "Entry 2 was changed after it was written.",
      });
    },
  );
});

test("the words of phases and outcomes are what is stored", () => {
  expect(auditPhases).toEqual(["intent", "outcome", "change", "denied", "system"]);
  expect(auditOutcomes).toEqual(["succeeded", "failed", "unknown"]);
});
