import { describe, expect, test } from "vitest";
import { gpuFromIds } from "@/lib/gpu/detect";
import { officialExtensionsOf } from "@/lib/gpu/extension-catalogue";
import { planUpgrade } from "./plan";
import type { PlanFacts, PlanNodeFacts } from "./plan-facts";
import { installerOfFactory } from "./preflight";
import { knownReleases } from "./releases";
import { type PlanInput, planInput } from "./schema";

const documentOf = (...names: string[]) => ({
  customization: { systemExtensions: { officialExtensions: names.map((name) => `siderolabs/${name}`) } },
});
const a = "a".repeat(64);
const b = "b".repeat(64);
const gpu = (ids: string) => gpuFromIds(ids) ?? expect.fail(ids);

const node = (name: string, changes: Partial<PlanNodeFacts> = {}): PlanNodeFacts => ({
  ...{
    nodeId: name,
    name,
    address: `10.0.0.1:50000`,
    role: "worker",
    clusterId: "c1",
    unreachable: null,
    version: "v1.13.4",
  },
  ...{ kubernetesVersion: "v1.35.1", architecture: "amd64", platform: "metal", secureBoot: false },
  ...{
    runningSchematicId: a,
    recordedSchematicId: a,
    recordedRegistered: true,
    runningAtFactory: null,
    installSchematicId: a,
  },
  ...{ runningDocument: documentOf(), recordedDocument: documentOf(), profileNames: [], extensions: [] },
  ...{
    configuredModules: [],
    loadedModules: [],
    gpus: [],
    etcdMemberId: null,
    certificateExpiresMs: 1e12,
    timeSynced: true,
    runId: null,
  },
  ...changes,
});
const facts = (nodes: PlanNodeFacts[], changes: Partial<PlanFacts> = {}): PlanFacts => ({
  ...{ nodes, unknownNodeIds: [], releases: { tags: knownReleases, source: "factory" }, nowMs: 0 },
  offered: new Map(["v1.12.5", "v1.13.4", "v1.13.9", "v1.14.0"].map((tag) => [tag, officialExtensionsOf(tag) ?? []])),
  etcd: new Map([
    [
      "c1",
      {
        ok: true,
        state: {
          members: ["1", "2", "3"].map((id) => ({ id, name: id, learner: false, started: true, healthy: true })),
          alarms: [],
        },
      },
    ],
  ]),
  kubernetes: new Map([["c1", { ok: true }]]),
  ...{ clusterSizes: new Map([["c1", 6]]), otherRuns: new Map() },
  ...changes,
});
const plan = (
  of: PlanFacts,
  input: Partial<PlanInput> & { targetVersion: string | null } = { targetVersion: "v1.14.0" },
) =>
  planUpgrade(
    of,
    planInput.parse({ nodeIds: ["x"], ...input }),
    ({ schematicId, version, platform }) => `factory.test/${platform}-installer/${schematicId}:${version}`,
  );
const verdict = (of: ReturnType<typeof plan>, id: string) => of.nodes[0]?.checks.find((check) => check.id === id);

test("a node that may be a control plane, and cannot tell, is not planned around the guard of etcd", () => {
  const made = plan(facts([node("x", { role: "unknown" })]));
  expect(made).toMatchObject({ refused: true, nodes: [] });
  expect(made.skipped).toEqual([{ nodeId: "x", name: "x", reason: "Whether it is a control plane is not known." }]);
});

describe("order and images", () => {
  test("canary, workers, then control planes; the image is that of the recorded schematic", () => {
    const cp = (name: string, id: string) => node(name, { role: "controlplane", etcdMemberId: id });
    const made = plan(facts([cp("cp-2", "2"), node("w-10"), cp("cp-1", "1"), node("w-2"), node("w-3")]), {
      targetVersion: "v1.14.0",
      policy: planInput.parse({ nodeIds: ["x"], targetVersion: null, policy: { canaryNodeId: "w-3" } }).policy,
    });
    expect(made.nodes.map(({ name }) => name)).toEqual(["w-3", "w-2", "w-10", "cp-1", "cp-2"]);
    expect(made.refused).toBe(false);
    expect(made.nodes[0]).toMatchObject({ image: `factory.test/metal-installer/${a}:v1.14.0`, flow: "lifecycle" });
    expect(made.nodes[3]?.commands[0]).toBe("talosctl --nodes 10.0.0.1 etcd snapshot cp-1.snapshot");
  });

  test("the image is the one of the platform that the node runs on", () => {
    const made = plan(facts([node("vm", { platform: "nocloud" })]));
    expect(made.nodes[0]?.image).toBe(`factory.test/nocloud-installer/${a}:v1.14.0`);
    const reference = { schematicId: a, version: "v1.14.0", secureBoot: false };
    expect(installerOfFactory({ ...reference, platform: "nocloud" })).toContain(`/nocloud-installer/${a}:`);
    expect(installerOfFactory({ ...reference, platform: null })).toContain(`/metal-installer/${a}:`);
  });

  test("one hop at a time: nodes that are ahead wait", () => {
    const made = plan(
      facts([node("old", { version: "v1.12.5", kubernetesVersion: "v1.34.0" }), node("new", { version: "v1.13.9" })]),
    );
    expect(made.hops).toEqual(["v1.13.9", "v1.14.0"]);
    expect(made.nodes.map(({ name, toVersion, flow }) => [name, toVersion, flow])).toEqual([
      ["old", "v1.13.9", "legacy"],
    ]);
    expect(made.skipped[0]?.reason).toMatch(/waits for the next hop/);
  });

  test("a new schematic alone is a plan of its own, at the version that runs", () => {
    const assigned = { recordedSchematicId: b, recordedDocument: documentOf("amdgpu"), profileNames: ["AMD"] };
    const made = plan(facts([node("w", assigned), node("same")]), { targetVersion: null });
    expect(made.nodes.map(({ name, toVersion, toSchematicId }) => [name, toVersion, toSchematicId])).toEqual([
      ["w", "v1.13.4", b],
    ]);
    expect(made.nodes[0]?.changes).toEqual(["The new image adds amdgpu."]);
    expect(made.refused).toBe(false);
  });

  test("the hash holds what would be done, not how it is worded", () => {
    const one = plan(facts([node("w")]));
    expect(plan(facts([node("w", { certificateExpiresMs: 2e12 })])).hash).toBe(one.hash);
    expect(plan(facts([node("w", { runningSchematicId: b, installSchematicId: b })])).hash).not.toBe(one.hash);
  });
});

describe("refusals", () => {
  const open = ["nvidia-open-gpu-kernel-modules-production", "nvidia-container-toolkit-production"];
  const nvidia = {
    runningDocument: documentOf(...open),
    recordedDocument: documentOf(...open),
    configuredModules: ["nvidia"],
  };
  test.each<[string, Partial<PlanNodeFacts>, string, RegExp]>([
    ["drift without a profile", { runningSchematicId: b, installSchematicId: b }, "schematic", /accept the drift/],
    ["a schematic that is not registered", { recordedRegistered: false }, "registered", /does not know/],
    [
      "an extension that the target lacks",
      { recordedDocument: documentOf("no-such") },
      "target",
      /does not offer siderolabs\/no-such/,
    ],
    ["Kubernetes out of range", { kubernetesVersion: "v1.31.0" }, "kubernetes-range", /upgrade Kubernetes first/],
    ["a card that the open modules do not drive", { ...nvidia, gpus: [gpu("10de:1b06")] }, "gpu-driver", /Pascal/],
    ["the toolkit without a card", nvidia, "nvidia-toolkit", /no NVIDIA card was seen/],
    [
      "the toolkit without its modules",
      { ...nvidia, configuredModules: [], gpus: [gpu("10de:2684")] },
      "nvidia-toolkit",
      /Apply the profile's config first/,
    ],
    ["a clock that is wrong", { timeSynced: false }, "clock", /not in step/],
    ["an expired certificate", { certificateExpiresMs: -1 }, "certificate", /expired/],
  ])("%s", (_name, changes, id, detail) => {
    const made = plan(facts([node("w", changes)]));
    expect(verdict(made, id)).toMatchObject({ state: "refused", detail: expect.stringMatching(detail) });
    expect(made.refused).toBe(true);
  });

  test("extensions under their old names are offered as what they are called now, and are judged so", () => {
    const old = documentOf("nonfree-kmod-nvidia", "nvidia-container-toolkit");
    const changes = { ...nvidia, runningDocument: old, recordedDocument: old, gpus: [gpu("10de:2b85")] };
    const made = plan(facts([node("w", changes)]));
    expect(verdict(made, "target")).toMatchObject({ state: "ok" });
    expect(verdict(made, "gpu-driver")).toMatchObject({ state: "refused", detail: expect.stringMatching(/Blackwell/) });
  });

  test.each<[string, Partial<PlanFacts>, string, RegExp]>([
    [
      "etcd with two members",
      { etcd: new Map([["c1", { ok: false, reason: "No control plane answers." }]]) },
      "etcd",
      /No control plane answers/,
    ],
    [
      "no Kubernetes to drain through",
      { kubernetes: new Map([["c1", { ok: false, reason: "No kubeconfig." }]]) },
      "drain",
      /Choose to skip/,
    ],
    ["another run", { otherRuns: new Map([["c1", { id: "r", title: "Upgrade w-9" }]]) }, "other-run", /Upgrade w-9/],
  ])("%s", (_name, changes, id, detail) => {
    const made = plan(facts([node("cp", { role: "controlplane", etcdMemberId: "1" })], changes));
    expect(made.checks.find((check) => check.id === id)).toMatchObject({
      state: "refused",
      detail: expect.stringMatching(detail),
    });
  });

  test("a node without any schematic is left out: it would lose its extensions", () => {
    const made = plan(facts([node("w", { runningSchematicId: null, recordedSchematicId: null })]));
    expect(made.skipped[0]?.reason).toMatch(/strip its extensions/);
    expect(made.refused).toBe(true);
  });

  test("1.12 to 1.13 with NVIDIA names its migration and the driver branch", () => {
    const made = plan(
      facts([node("w", { ...nvidia, version: "v1.12.5", kubernetesVersion: "v1.34.0", gpus: [gpu("10de:2684")] })]),
      { targetVersion: "v1.13.9" },
    );
    expect(made.nodes[0]?.changes.join(" ")).toMatch(/branch 570 becomes 595.*GPU operator/);
  });
});
