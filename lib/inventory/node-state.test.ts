import { expect, test } from "vitest";
import { unavailableTelemetry } from "@/lib/gpu/telemetry";
import { factsFromStored, noEvidence, noFacts } from "./facts";
import { initialNodeState, type Reading, reduceNode } from "./node-state";
import { testFacts, testRecord } from "./testing";

const after = (readings: Reading[], start = initialNodeState(testRecord(), testFacts())) =>
  readings.reduce(reduceNode, start);

const reached = (atMs: number): Reading => ({ kind: "reached", atMs, certificateExpiresMs: null, fingerprint: null });
const lost = (atMs: number): Reading => ({
  kind: "lost",
  atMs,
  reason: "Connection refused.",
  errorKind: "unreachable",
});

test.each<[string, Reading[], Partial<{ state: string; sinceMs: number; lastSeenMs: number | null }>]>([
  ["starts as never seen", [], { state: "never-seen" }],
  ["connecting", [{ kind: "connecting", atMs: 5 }], { state: "connecting", sinceMs: 5 }],
  ["reached", [{ kind: "connecting", atMs: 5 }, reached(6)], { state: "reachable", sinceMs: 6 }],
  ["reached again keeps since when", [reached(6), reached(9)], { state: "reachable", sinceMs: 6 }],
  [
    "a broken connection is connecting, not unreachable",
    [reached(6), { kind: "connecting", atMs: 9 }],
    { state: "connecting", sinceMs: 9 },
  ],
  ["lost says when it was last read", [reached(6), lost(20)], { state: "unreachable", sinceMs: 20, lastSeenMs: 1_000 }],
  ["lost again keeps since when", [lost(20), lost(30)], { state: "unreachable", sinceMs: 20 }],
  ["a try while away is no news", [lost(20), { kind: "connecting", atMs: 25 }], { state: "unreachable", sinceMs: 20 }],
  ["it comes back", [lost(20), reached(40)], { state: "reachable", sinceMs: 40 }],
])("reachability: %s", (_, readings, expected) => {
  expect(after(readings).reachability).toMatchObject(expected);
});

test("facts are merged and carry the time of the newest", () => {
  const { facts } = after([
    { kind: "facts", atMs: 5_000, facts: { ready: false, unmetConditions: [{ name: "time", reason: "not in sync" }] } },
    { kind: "facts", atMs: 4_000, facts: { kubernetesVersion: "v1.35.0" } },
  ]);
  expect(facts).toMatchObject({ ready: false, stage: "running", kubernetesVersion: "v1.35.0", readAtMs: 5_000 });
});

test("a new boot forgets what was known of the kernel, until it is read again", () => {
  const known = testFacts({
    kernelModules: ["nvidia"],
    evidence: { ...noEvidence, deviceFiles: ["nvidia0"] },
    extensions: [{ name: "schematic", version: "abc" }],
  });
  const { facts } = after(
    [{ kind: "facts", atMs: 2_000, facts: { bootId: "boot-2" } }],
    initialNodeState(testRecord(), known),
  );
  expect(facts.kernelModules).toBeNull();
  expect(facts.evidence).toEqual(noEvidence);
  expect(facts.extensions).toHaveLength(1);
});

test("the first UUID is learnt; case does not matter", () => {
  const state = after([{ kind: "identity", uuid: "AA-BB" }], initialNodeState(testRecord({ machineUuid: null })));
  expect(state.record.machineUuid).toBe("aa-bb");
  expect(reduceNode(state, { kind: "identity", uuid: "Aa-Bb" }).replacedByUuid).toBeNull();
});

test("while another machine answers, nothing of the node is overwritten", () => {
  const state = after([
    { kind: "identity", uuid: "99999999-0000-0000-0000-000000000000" },
    { kind: "facts", atMs: 9_000, facts: { talosVersion: "v1.9.0", hostname: "stranger" } },
  ]);
  expect(state.replacedByUuid).toBe("99999999-0000-0000-0000-000000000000");
  expect(state.facts).toMatchObject({ talosVersion: "v1.13.4", hostname: "rack-1", readAtMs: 1_000 });
  const back = reduceNode(state, { kind: "identity", uuid: testRecord().machineUuid ?? "" });
  expect(back.replacedByUuid).toBeNull();
});

test("what was found at its address says nothing of a node that has another one, or none", () => {
  const moved = (address: string | null): Reading => ({ kind: "record", atMs: 50, record: testRecord({ address }) });
  const live = after([reached(6), { kind: "identity", uuid: "99999999-0000-0000-0000-000000000000" }]);
  expect(reduceNode(live, moved(testRecord().address)).reachability).toEqual(live.reachability);
  expect(reduceNode(live, moved("127.10.0.2:50000"))).toMatchObject({
    reachability: { state: "connecting", sinceMs: 50 },
    replacedByUuid: null,
  });
  const away = { state: "unreachable", kind: "no-address", lastSeenMs: 1_000 };
  expect(reduceNode(live, moved(null)).reachability).toMatchObject({ ...away, sinceMs: 50 });
  expect(initialNodeState(testRecord({ address: null }), testFacts()).reachability).toMatchObject(away);
  expect(initialNodeState(testRecord({ address: null })).reachability.state).toBe("never-seen");
});

test("the state that it was given is never changed", () => {
  const start = Object.freeze(
    initialNodeState(testRecord(), Object.freeze(testFacts()) as ReturnType<typeof testFacts>),
  );
  expect(after([reached(1), { kind: "facts", atMs: 2, facts: { bootId: "x" } }, lost(3)], start)).not.toBe(start);
});

test.each([["not json"], ["[]"], ['{"stage":"flying"}']])(
  "stored facts that do not parse (%s) are as good as none",
  (json) => {
    expect(factsFromStored(json)).toEqual(noFacts);
  },
);

test("stored facts of another release of Ichor are taken as far as they go", () => {
  expect(factsFromStored('{"hostname":"rack-1","later":true}')).toEqual({ ...noFacts, hostname: "rack-1" });
});

test("an upgrade that fell back is remembered until the next run begins", () => {
  const fallback = { fromVersion: "v1.13.4", toVersion: "v1.14.0", toSchematicId: "b".repeat(64) };
  const fell: Reading[] = [
    { kind: "run", runId: "run_1" },
    { kind: "run", runId: null },
    { kind: "fallback", fallback },
  ];
  expect(after(fell).fallback).toEqual(fallback);
  expect(after([...fell, { kind: "run", runId: "run_2" }]).fallback).toBeNull();
});

test("who holds a node, and how far its drain is, is told once for each change", () => {
  const what = { operation: "node.reboot", what: "a reboot", by: "olga", runId: null };
  const hold = { ...what, phase: "calling", sinceMs: 1, untilMs: 2 } as const;
  const held = after([{ kind: "hold", hold }]);
  expect(held.hold).toEqual(hold);
  expect(reduceNode(held, { kind: "hold", hold: { ...hold } })).toBe(held);
  expect(reduceNode(held, { kind: "hold", hold: null }).hold).toBeNull();
  const drain = { total: 3, gone: 1, blockers: ["a"] };
  const drained = reduceNode(held, { kind: "drain", drain });
  expect(reduceNode(drained, { kind: "drain", drain: { ...drain, blockers: ["a"] } })).toBe(drained);
  expect(reduceNode(drained, { kind: "drain", drain: { ...drain, blockers: ["b"] } }).drain?.blockers).toEqual(["b"]);
});

test("a load that was is forgotten when the node falls silent", () => {
  const known = after([{ kind: "telemetry", telemetry: [unavailableTelemetry("0000:01:00.0", "x")] }]);
  expect(known.telemetry).toMatchObject([{ useHistory: [null] }]);
  const busy = { ...unavailableTelemetry("0000:01:00.0", "x"), utilizationPercent: 40 };
  expect(reduceNode(known, { kind: "telemetry", telemetry: [busy] }).telemetry[0]?.useHistory).toEqual([null, 40]);
  expect(reduceNode(known, lost(20)).telemetry).toEqual([]);
});
