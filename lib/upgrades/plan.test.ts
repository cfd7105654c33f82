import { describe, expect, test } from "vitest";
import type { PlanFacts, PlanNodeFacts } from "./plan-facts";
import { planHash } from "./plan-hash";
import { installerOfFactory } from "./preflight";
import type { PlanNode } from "./schema";
import {
  documentOf,
  gpu,
  idA as a,
  idB as b,
  planFacts as facts,
  plannedNode as node,
  planOf as plan,
  verdictOf as verdict,
} from "./testing-plan";

describe("order and images", () => {
  test("canary, workers, then control planes; the image is that of the recorded schematic", () => {
    const cp = (name: string, id: string) => node(name, { role: "controlplane", etcdMemberId: id });
    const made = plan(facts([cp("cp-2", "2"), node("w-10"), cp("cp-1", "1"), node("w-2"), node("w-3")]), {
      targetVersion: "v1.14.0",
      policy: { canaryNodeId: "w-3" },
    });
    expect(made.nodes.map(({ name }) => name)).toEqual(["w-3", "w-2", "w-10", "cp-1", "cp-2"]);
    expect(made.refused).toBe(false);
    expect(made.nodes[0]).toMatchObject({ image: `factory.test/metal-installer/${a}:v1.14.0`, flow: "lifecycle" });
    expect(made.nodes[3]?.commands[0]).toBe("talosctl --nodes 10.0.0.1 etcd snapshot cp-1.snapshot");
  });

  test("the lines are those of the node's release, with what the policy says of the drain", () => {
    const lines = (version: string, target: string, policy: { drain?: "skip"; drainTimeoutMs?: number }) =>
      plan(facts([node("w", { version, kubernetesVersion: "v1.34.0" })]), { targetVersion: target, policy }).nodes[0]
        ?.commands ?? [];
    const image = (version: string) => `factory.test/metal-installer/${a}:${version}`;
    const newer = lines("v1.13.9", "v1.14.0", { drainTimeoutMs: 600_000 });
    expect(newer).toEqual([
      `talosctl --nodes 10.0.0.1 image pull ${image("v1.14.0")} --namespace system`,
      `talosctl --nodes 10.0.0.1 upgrade --image ${image("v1.14.0")} --drain-timeout 600s`,
    ]);
    expect(lines("v1.13.9", "v1.14.0", { drain: "skip" })[1]).toMatch(/ --drain=false$/);
    // The node drains itself, and talosctl of its release has no word on it.
    expect(lines("v1.12.5", "v1.13.9", { drain: "skip" })).toEqual([
      expect.stringMatching(/^talosctl --nodes 10\.0\.0\.1 upgrade --image \S+$/),
    ]);
  });

  test("a node that is refused has no lines: Ichor does not advise what it refuses itself", () => {
    const made = plan(facts([node("w", { timeSynced: false })]));
    expect(made.nodes[0]?.checks.some(({ state }) => state === "refused")).toBe(true);
    expect(made.nodes[0]?.commands).toEqual([]);
  });

  test("the image is the one of the platform that the node runs on", () => {
    const made = plan(facts([node("vm", { platform: "nocloud" })]));
    expect(made.nodes[0]?.image).toBe(`factory.test/nocloud-installer/${a}:v1.14.0`);
    const reference = { schematicId: a, version: "v1.14.0", secureBoot: false };
    expect(installerOfFactory({ ...reference, platform: "nocloud" })).toContain(`/nocloud-installer/${a}:`);
    expect(installerOfFactory({ ...reference, platform: null })).toContain(`/metal-installer/${a}:`);
  });

  test("each node makes its own next hop: one that can go straight there does", () => {
    const old = { version: "v1.12.5", kubernetesVersion: "v1.34.0" };
    const made = plan(
      facts([
        node("old", old),
        node("new", { version: "v1.13.9" }),
        node("w", { version: "v1.13.1" }),
        node("old-2", old),
      ]),
    );
    expect(made.nodes.map(({ name, toVersion, hops, flow }) => [name, toVersion, hops.length, flow])).toEqual([
      ["new", "v1.14.0", 1, "lifecycle"],
      ["old", "v1.13.9", 2, "legacy"],
      ["old-2", "v1.13.9", 2, "legacy"],
      ["w", "v1.14.0", 1, "lifecycle"],
    ]);
    expect(made).toMatchObject({ refused: false, skipped: [], hops: ["v1.13.9", "v1.14.0"] });
    expect(made.checks[0]).toMatchObject({
      id: "path",
      state: "ok",
      detail:
        "Talos is upgraded one minor at a time: v1.12.5 → v1.13.9 → v1.14.0. old, old-2 make their first hop in this run; the next plan is made for what is left.",
    });
  });

  test("one plan per hop leads nodes of any releases to the newest one, and none waits on the way", () => {
    const versions = ["v1.10.2", "v1.11.6", "v1.12.11", "v1.13.9", "v1.14.0"];
    let nodes = versions.map((version, index) => node(`n${index}`, { version, kubernetesVersion: "v1.33.0" }));
    const minor = (version: string) => Number(version.split(".")[1]);
    for (let run = 0; run < 4; run++) {
      const made = plan(facts(nodes));
      const behind = nodes.filter(({ version }) => version !== "v1.14.0").map(({ name }) => name);
      expect(made.nodes.map(({ name }) => name)).toEqual(behind);
      expect(made.hops).toHaveLength(4 - run);
      for (const { fromVersion, toVersion } of made.nodes) expect(minor(toVersion) - minor(fromVersion)).toBe(1);
      nodes = nodes.map((one) => ({
        ...one,
        version: made.nodes.find(({ nodeId }) => nodeId === one.nodeId)?.toVersion ?? one.version,
      }));
    }
    expect(nodes.map(({ version }) => version)).toEqual(versions.map(() => "v1.14.0"));
    expect(plan(facts(nodes)).nodes).toEqual([]);
  });

  test.each<[string, Partial<PlanNodeFacts>, RegExp]>([
    ["is away", { unreachable: "The connection was refused." }, /^It cannot be reached: The connection was refused/],
    ["has no cluster", { clusterId: null }, /belongs to no cluster/],
    ["is held by a run", { runId: "run_1" }, /Another run holds it/],
    ["may be a control plane", { role: "unknown" }, /Whether it is a control plane/],
    ["runs in a container", { platform: "container" }, /newer image/],
    ["does not tell its release", { version: null }, /version is not known/],
    ["is ahead of the target", { version: "v1.14.2" }, /going back to v1\.14\.0 is not supported/],
    ["is there already", { version: "v1.14.0" }, /runs v1\.14\.0 with this schematic already/],
  ])("a node that %s is left out with the reason, and the others go on", (_name, changes, reason) => {
    const made = plan(facts([node("x", changes), node("w")]));
    expect(made.nodes.map(({ name }) => name)).toEqual(["w"]);
    expect(made.skipped).toEqual([{ nodeId: "x", name: "x", reason: expect.stringMatching(reason) as unknown }]);
    expect(made.refused).toBe(false);
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

  test("nothing that a run would do can change behind its hash", () => {
    const { hash: _hash, ...made } = plan(facts([node("w"), node("cp", { role: "controlplane", etcdMemberId: "1" })]));
    const hash = planHash(made);
    const [first, ...others] = made.nodes;
    if (!first) expect.fail("no node");
    const changed = (part: Partial<PlanNode>) => planHash({ ...made, nodes: [{ ...first, ...part }, ...others] });
    const otherCheck = first.checks.map((check, index) =>
      index === 0 ? { ...check, state: "warning" as const } : check,
    );
    const done: Partial<PlanNode>[] = [
      ...[{ nodeId: "x" }, { order: 7 }, { fromVersion: "v1.13.3" }, { toVersion: "v1.13.9" }, { hops: ["v1.13.9"] }],
      ...[{ fromSchematicId: b }, { toSchematicId: b }, { image: "factory.test/other" }, { flow: "legacy" as const }],
      ...[{ repairs: ["the extension zfs"] }, { checks: otherCheck }],
    ];
    for (const part of done) expect(changed(part), JSON.stringify(part)).not.toBe(hash);
    const told: Partial<PlanNode>[] = [{ name: "other" }, { changes: ["x"] }, { commands: ["x"] }];
    for (const part of told) expect(changed(part), JSON.stringify(part)).toBe(hash);
    const whole = [
      { targetVersion: "v1.13.9" },
      { hops: [] },
      { nodes: [first] },
      { nodes: made.nodes.toReversed() },
      { skipped: [{ nodeId: "x", name: "x", reason: "" }] },
      { checks: made.checks.slice(1) },
      { refused: true },
      ...Object.entries(made.policy).map(([key, value]) => ({
        policy: { ...made.policy, [key]: typeof value === "boolean" ? !value : "other" },
      })),
    ];
    for (const part of whole) expect(planHash({ ...made, ...part }), JSON.stringify(part)).not.toBe(hash);
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

  test("1.12 to 1.13 with NVIDIA names its migration and the driver branch", () => {
    const made = plan(
      facts([node("w", { ...nvidia, version: "v1.12.5", kubernetesVersion: "v1.34.0", gpus: [gpu("10de:2684")] })]),
      { targetVersion: "v1.13.9" },
    );
    expect(made.nodes[0]?.changes.join(" ")).toMatch(/branch 570 becomes 595.*GPU operator/);
  });
});

test("a node that cannot be reached is left out, with the reason, and the others go on", () => {
  const made = plan(facts([node("w-1", { unreachable: "connection refused" }), node("w-2")]), {
    targetVersion: "v1.14.0",
  });
  expect(made.nodes.map(({ name }) => name)).toEqual(["w-2"]);
  expect(made.skipped).toMatchObject([{ name: "w-1", reason: expect.stringContaining("connection refused") }]);
});
