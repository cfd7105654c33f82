import { expect, test } from "vitest";
import type { GpuDevice, GpuProof } from "@/lib/gpu/schema";
import { nodeCan } from "./capabilities";
import { attentionOf, type HealthInput, statusSentence } from "./health";
import type { ClusterView, Reachability } from "./schema";
import { testFacts } from "./testing";

const reachable: Reachability = { state: "reachable", sinceMs: 0 };
const away: Reachability = {
  state: "unreachable",
  sinceMs: 0,
  reason: "Connection refused.",
  kind: "unreachable",
  lastSeenMs: 0,
};

const view = (changes: Partial<HealthInput> = {}): HealthInput => {
  const {
    hostname: _h,
    evidence: _e,
    talosClusterId: _t,
    config: _c,
    configUnread: _u,
    runningSchematic: _r,
    unattendedInstall: _i,
    adoption: _a,
    stageSinceMs: _s,
    bootedAtMs: _b,
    servicesSinceMs: _w,
    ...facts
  } = testFacts();
  return {
    ...facts,
    id: "node_1",
    clusterId: "cluster_1",
    clusterName: "alpha",
    name: "rack-1",
    address: "127.10.0.1:50000",
    reachability: reachable,
    gpus: [],
    goneGpus: [],
    proofs: [],
    telemetry: [],
    counters: null,
    cpuHistory: [],
    intent: {
      hostname: null,
      profileIds: [],
      profileNames: [],
      schematicId: null,
      schematicRegistered: false,
      installImage: null,
      asFound: false,
      configHash: null,
    },
    suggestion: null,
    assignment: [],
    maintenanceFingerprint: null,
    certificateExpiresMs: null,
    drift: [],
    config: { state: "unknown", reason: "It was not read yet." },
    runId: null,
    hold: null,
    drain: null,
    adoption: null,
    passing: null,
    replacedByUuid: null,
    fallback: null,
    ...changes,
  };
};
const card = (pciAddress: string): GpuDevice => ({
  pciAddress,
  vendor: "nvidia",
  vendorId: "10de",
  deviceId: "1b06",
  model: "GTX 1080 Ti",
  generation: "Pascal",
  chip: "GP102",
  driver: null,
});
const proof = (pciAddress: string, changes: Partial<GpuProof> = {}): GpuProof => ({
  pciAddress,
  links: [],
  firstBroken: 4,
  state: "broken",
  brief: "driver refuses the card",
  why: "The driver does not support this card.",
  evidence: [],
  remedy: { sentence: "Assign nvidia-proprietary-lts.", action: { kind: "none" } },
  ...changes,
});
const adoption = (state: "now" | "failed"): HealthInput["adoption"] => ({
  startedAtMs: 0,
  joined: false,
  steps: [{ id: "install", title: "Installing", state, detail: "failed to pull." }],
});
const kinds = (input: HealthInput, nowMs = 0, renewable = true) =>
  attentionOf(input, { nowMs, renewable }).map(({ kind, tone }) => `${kind} ${tone}`);

test.each<[string, Partial<HealthInput>, string]>([
  ["ready", {}, "Running"],
  [
    "one condition",
    { ready: false, unmetConditions: [{ name: "time", reason: "x" }] },
    "Running, not ready: 1 condition",
  ],
  ["maintenance", { stage: "maintenance", ready: false }, "Maintenance"],
  ["away", { reachability: away }, "Unreachable (was Running)"],
  ["never seen", { reachability: { state: "never-seen" }, stage: "unknown" }, "Never seen"],
  ["connecting after a restart", { reachability: { state: "connecting", sinceMs: 0 } }, "Connecting (was Running)"],
])("status sentence: %s", (_, changes, sentence) => {
  expect(statusSentence(view(changes))).toBe(sentence);
});

test.each<[string, Partial<HealthInput>, string[]]>([
  ["a healthy node needs nobody", {}, []],
  ["not ready", { ready: false, unmetConditions: [{ name: "time", reason: "x" }] }, ["not-ready warn"]],
  ["waiting", { stage: "maintenance", ready: false, clusterId: null }, ["waiting info"]],
  ["a member without a config", { stage: "maintenance", ready: false, drift: ["d"] }, ["no-config warn"]],
  [
    "a member without a config, whose last upgrade fell back",
    {
      stage: "maintenance",
      ready: false,
      fallback: { fromVersion: "v1.13.4", toVersion: "v1.14.0", toSchematicId: "s" },
    },
    ["no-config warn"],
  ],
  ["just adopted", { stage: "maintenance", ready: false, adoption: adoption("now") }, []],
  ["installing", { stage: "booting", ready: false, adoption: adoption("now"), drift: ["d"] }, []],
  ["away in the midst of an adoption", { reachability: away, stage: "rebooting", adoption: adoption("now") }, []],
  ["an installation that fails", { stage: "booting", ready: false, adoption: adoption("failed") }, ["install bad"]],
  ["away hides what is stale", { reachability: away, ready: false, drift: ["d"] }, ["unreachable bad"]],
  ["away within a run while it reboots", { reachability: away, stage: "rebooting", runId: "run_1" }, []],
  ["away without a run while it reboots", { reachability: away, stage: "rebooting" }, ["unreachable bad"]],
  ["connecting is not yet a problem", { reachability: { state: "connecting", sinceMs: 0 }, ready: false }, []],
  ["another machine outranks all", { replacedByUuid: "x", reachability: away }, ["replaced bad"]],
  ["drift", { drift: ["Schematic differs."] }, ["drift info"]],
  ["drift while a run works on it", { drift: ["Schematic differs."], runId: "run_1" }, []],
  ["GPU", { gpus: [card("a")], proofs: [proof("a")] }, ["gpu-not-working bad"]],
  [
    "GPU without a profile",
    { gpus: [card("a")], proofs: [proof("a", { state: "no-profile", why: null })] },
    ["gpu-not-working warn"],
  ],
  ["GPU of which too little is known", { gpus: [card("a")], proofs: [proof("a", { state: "unproven" })] }, []],
  ["GPU while it boots", { stage: "booting", gpus: [card("a")], proofs: [proof("a")] }, []],
])("attention: %s", (_, changes, expected) => {
  expect(kinds(view(changes))).toEqual(expected);
});

test("cards that fail for the same reason are one thing", () => {
  const [first, ...rest] = attentionOf(view({ gpus: [card("a"), card("b")], proofs: [proof("a"), proof("b")] }), {
    nowMs: 0,
    renewable: true,
  });
  expect(first?.sentence).toBe("GTX 1080 Ti ×2: The driver does not support this card.");
  expect(rest).toEqual([]);
});

test("a certificate that we renew ourselves is nobody's worry; one that we cannot is", () => {
  const soon = view({ certificateExpiresMs: 3_600_000 });
  expect(kinds(soon, 0, true)).toEqual([]);
  expect(kinds(soon, 0, false)).toEqual(["certificate warn"]);
  expect(kinds(soon, 3_600_000, false)).toEqual(["certificate bad"]);
});

const cluster = (credentialRole: string, secrets: ClusterView["secrets"] = "none") => ({
  credentialRole,
  secrets,
  name: "alpha",
});
const can = (changes: Partial<HealthInput>) => ({
  ...view(changes),
  attention: attentionOf(view(changes), { nowMs: 0, renewable: true }),
});
test.each([
  ["reboot with operator", "reboot", {}, cluster("os:operator"), null],
  [
    "reboot with reader only",
    "reboot",
    {},
    cluster("os:reader"),
    "This needs the Talos role os:operator; for alpha only os:reader is held.",
  ],
  ["reset with operator", "reset", {}, cluster("os:operator"), "This needs the Talos role os:admin"],
  ["reset with the cluster's own CA", "reset", {}, cluster("os:reader", "imported"), null],
  [
    "reboot while away",
    "reboot",
    { reachability: away },
    cluster("os:admin"),
    "The node is unreachable: Connection refused.",
  ],
  ["reboot during a run", "reboot", { runId: "run_1" }, cluster("os:admin"), "An upgrade run holds this node"],
  [
    "reboot in maintenance",
    "reboot",
    { stage: "maintenance" as const },
    cluster("os:admin"),
    "The machine is in maintenance mode",
  ],
  ["adopt a running node", "adopt", {}, cluster("os:admin"), "The node is running."],
  ["adopt in maintenance", "adopt", { stage: "maintenance" as const, clusterId: null }, null, null],
  ["upgrade while it boots", "upgrade", { stage: "booting" as const }, cluster("os:admin"), "The node is booting."],
  ["etcd snapshot of a worker", "etcdSnapshot", {}, cluster("os:admin"), "Only a control plane node can do this."],
  ["a profile without a GPU", "assignProfile", {}, cluster("os:admin"), "No GPU was seen on this node."],
  ["logs of another machine", "readLogs", { replacedByUuid: "x" }, cluster("os:admin"), "Another machine answers"],
  ["remove while away", "remove", { reachability: away }, cluster("os:admin"), null],
] as const)("capability: %s", (_, action, changes, holder, reason) => {
  const possibility = nodeCan[action](can(changes), holder);
  if (reason === null) expect(possibility).toEqual({ ok: true });
  else expect(possibility).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
});

const fallback = { fromVersion: "v1.13.4", toVersion: "v1.14.0", toSchematicId: "b".repeat(64) };
test.each<[string, Partial<HealthInput>, string[]]>([
  ["still on the old version", { fallback }, ["rolled-back bad"]],
  ["upgraded since", { fallback, talosVersion: "v1.14.0", runningSchematicId: "b".repeat(64) }, []],
  ["upgraded since, its schematic unknown", { fallback, talosVersion: "v1.14.0" }, []],
  ["on another version since", { fallback, talosVersion: "v1.13.9" }, []],
  [
    "the same version, the old schematic",
    { fallback: { ...fallback, toVersion: "v1.13.4" }, runningSchematicId: "a".repeat(64) },
    ["rolled-back bad"],
  ],
  ["a new run is at work", { fallback, runId: "run_2" }, []],
  ["it is away", { fallback, reachability: away }, ["unreachable bad"]],
  ["it is booting", { fallback, stage: "booting" }, []],
])("a last upgrade that fell back: %s", (_, changes, expected) => {
  expect(kinds(view(changes))).toEqual(expected);
});

test("an adoption excuses a node for half an hour, and an installation's failure is told in its own words", () => {
  const input = view({ reachability: away, stage: "rebooting", adoption: adoption("now") });
  expect(kinds(input, 29 * 60_000)).toEqual([]);
  expect(kinds(input, 31 * 60_000)).toEqual(["unreachable bad"]);
  const [item] = attentionOf(view({ stage: "booting", adoption: adoption("failed") }), { nowMs: 0, renewable: true });
  expect(item?.sentence).toBe("Talos is not installed: failed to pull.");
});

test("a clock that is not in step names the way out", () => {
  const [item] = attentionOf(
    view({ ready: false, unmetConditions: [{ name: "time", reason: "time is not in sync" }] }),
    {
      nowMs: 0,
      renewable: true,
    },
  );
  expect(item?.remedy).toMatchObject({ kind: "apply-config", sentence: expect.stringContaining("enabled: false") });
  const [other] = attentionOf(view({ ready: false, unmetConditions: [{ name: "nodeReady", reason: "x" }] }), {
    nowMs: 0,
    renewable: true,
  });
  expect(other?.remedy.kind).toBe("open-services");
});

test("a node that misbehaves is named as that, also while it is adopted or upgraded", () => {
  const reason = "127.10.0.1:50000 misbehaves: it sent more than 4 MiB. Its connection was dropped.";
  const misbehaving = view({
    reachability: { ...away, kind: "misbehaving", reason },
    runId: "run_1",
    stage: "upgrading",
  });
  expect(attentionOf(misbehaving, { nowMs: 0, renewable: true })).toMatchObject([
    {
      kind: "misbehaving",
      tone: "bad",
      sentence: "Misbehaving (was Upgrading).",
      detail: reason,
      remedy: { kind: "by-hand" },
    },
  ]);
});
