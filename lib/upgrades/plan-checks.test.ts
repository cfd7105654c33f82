import { describe, expect, test } from "vitest";
import { emptySchematicId } from "@/lib/schematic/canonical";
import { powersOfPlan } from "./new-powers";
import type { AtFactory, PlanNodeFacts } from "./plan-facts";
import type { PlanCheck } from "./schema";
import {
  documentOf,
  gpu,
  idA,
  idB,
  planFacts as facts,
  plannedNode as node,
  planOf as plan,
  verdictOf as verdict,
} from "./testing-plan";

type State = PlanCheck["state"];
const old = { version: "v1.12.5", kubernetesVersion: "v1.34.0" };
const driven = (...names: string[]) => ({
  runningDocument: documentOf(...names),
  recordedDocument: documentOf(...names),
});

describe("every hop is checked, not only the first", () => {
  const lts = driven("nonfree-kmod-nvidia-production");
  test.each<[string, Partial<PlanNodeFacts>, string, State, RegExp]>([
    // 1.12 carries R570, which drives Pascal; 1.13 carries R595, which does not.
    [
      "a card that a later driver drops",
      {
        ...lts,
        version: "v1.11.6",
        kubernetesVersion: "v1.33.0",
        gpus: [gpu("10de:1b06")],
        configuredModules: ["nvidia"],
      },
      "gpu-driver",
      "refused",
      /^On the way, at v1\.13\.9: .*R580 is the last branch.* Choose v1\.12\.11 as the target/,
    ],
    [
      "Kubernetes that a later release does not support any more",
      { version: "v1.12.5", kubernetesVersion: "v1.31.4" },
      "kubernetes-range",
      "warning",
      /^On the way, at v1\.14\.0: .*upgrade Kubernetes first/,
    ],
    ["all well", { ...driven("amdgpu"), ...old }, "target", "ok", /^Talos v1\.13\.9 offers all 1/],
  ])("%s", (_name, changes, id, state, detail) => {
    expect(verdict(plan(facts([node("w", changes)])), id)).toMatchObject({
      state,
      detail: expect.stringMatching(detail) as unknown,
    });
  });

  test("an Intel driver of the other generation is refused as a profile's is", () => {
    const made = plan(facts([node("w", { ...driven("xe"), gpus: [gpu("8086:3e92")] })]));
    expect(verdict(made, "gpu-driver")).toMatchObject({
      state: "refused",
      detail: expect.stringMatching(/needs intel-i915.*Assign a profile/) as unknown,
    });
  });

  test("an extension that only a later release has lost", () => {
    const of = facts([node("w", { ...driven("zfs"), ...old })]);
    const made = plan({ ...of, offered: new Map([...of.offered, ["v1.14.0", ["siderolabs/amdgpu"]]]) });
    expect(verdict(made, "target")).toMatchObject({
      state: "refused",
      detail: expect.stringMatching(/at v1\.14\.0: .*does not offer siderolabs\/zfs.*Choose v1\.13\.9/) as unknown,
    });
  });

  test.each<[string, PlanNodeFacts["configIssues"], State, RegExp]>([
    [
      "that the next release refuses",
      new Map([
        ["v1.13.9", ["machine.x: unknown key."]],
        ["v1.14.0", []],
      ]),
      "refused",
      /^v1\.13\.9 would refuse its config: machine\.x: unknown key\. Change/,
    ],
    [
      "that a later release refuses",
      new Map([
        ["v1.13.9", []],
        ["v1.14.0", ["a: b.", "c: d."]],
      ]),
      "refused",
      /^On the way, at v1\.14\.0: .*a: b\. \(and 1 more\).*Choose v1\.13\.9/,
    ],
    ["that could not be read", null, "warning", /could not be read/],
  ])("a config %s", (_name, configIssues, state, detail) => {
    const made = plan(facts([node("w", { ...old, configIssues })]));
    expect(verdict(made, "config")).toMatchObject({ state, detail: expect.stringMatching(detail) as unknown });
    const stays = plan(facts([node("w", { configIssues, recordedSchematicId: idB, profileNames: ["AMD"] })]), {
      targetVersion: null,
    });
    expect(verdict(stays, "config")?.state).toBe("ok");
  });

  test("what is wrong at the first hop is said of it, and refuses", () => {
    const made = plan(facts([node("w", { version: "v1.12.5", kubernetesVersion: "v1.29.4" })]));
    expect(verdict(made, "kubernetes-range")).toMatchObject({
      state: "refused",
      detail: expect.stringMatching(/^Talos 1\.13 supports/) as unknown,
    });
  });
});

describe("the NVIDIA toolkit needs its modules, by whichever source tells", () => {
  const toolkit = {
    ...driven("nvidia-open-gpu-kernel-modules-production", "nvidia-container-toolkit-production"),
    gpus: [gpu("10de:2684")],
  };
  test.each<[readonly string[] | null, readonly string[] | null, State]>([
    [["nvidia", "nvidia_uvm"], [], "ok"],
    [["nvidia"], null, "ok"],
    [[], ["nvidia"], "ok"],
    [null, ["nvidia"], "ok"],
    [null, [], "warning"],
    [null, null, "warning"],
    [[], [], "refused"],
    [[], null, "refused"],
    [["amdgpu"], ["amdgpu"], "refused"],
  ])("configured %j, loaded %j: %s", (configuredModules, loadedModules, state) => {
    const made = plan(facts([node("w", { ...toolkit, configuredModules, loadedModules })]));
    expect(verdict(made, "nvidia-toolkit")?.state).toBe(state);
  });
});

describe("a node that runs an image without a schematic", () => {
  const plain = (plainExtensions: string[] | null, changes: Partial<PlanNodeFacts> = {}) =>
    node("cpu-1", {
      ...{ runningSchematicId: null, recordedSchematicId: null, installSchematicId: null },
      config: {
        ...{ state: "known", readAtMs: 1, installImage: "ghcr.io/siderolabs/installer:v1.13.4" },
        ...{ installSchematicId: emptySchematicId, installExtensions: [], differs: false, loses: [] },
        ...{ origin: null, staged: null },
      },
      ...{ runningDocument: null, recordedDocument: null, plainExtensions },
      extensions: (plainExtensions ?? []).map((name) => ({ name, version: "v1" })),
      ...changes,
    });

  test("is upgraded to the factory's image without extensions, and the plan says so", () => {
    const made = plan(facts([plain([])], { atFactory: new Map([[emptySchematicId, "to-register"]]) }));
    expect(made.refused).toBe(false);
    expect(made.nodes[0]).toMatchObject({
      toSchematicId: emptySchematicId,
      image: `factory.test/metal-installer/${emptySchematicId}:v1.14.0`,
    });
    expect(made.nodes[0]?.changes.join(" ")).toMatch(/schematic without extensions.*holds the same/);
    expect(made.nodes[0]?.checks.filter(({ state }) => state !== "ok")).toEqual([]);
  });

  test("keeps the extensions that somebody built into it", () => {
    const made = plan(facts([plain(["iscsi-tools", "util-linux-tools"])]));
    expect(made.nodes[0]?.toSchematicId).not.toBe(emptySchematicId);
    expect(made.nodes[0]?.changes.join(" ")).toContain("siderolabs/iscsi-tools, siderolabs/util-linux-tools");
  });

  test.each<[string, PlanNodeFacts, RegExp]>([
    [
      "an extension of nobody's factory",
      plain(["our-driver", "zfs"]),
      /own with our-driver, which no image factory offers/,
    ],
    ["an image that was not told", plain(null), /does not say what its image holds/],
  ])("is left out with %s: nothing may be stripped", (_name, one, reason) => {
    const made = plan(facts([one]));
    expect(made).toMatchObject({ nodes: [], refused: true });
    expect(made.skipped[0]?.reason).toMatch(reason);
  });

  test("with a GPU, it goes on without a driver as before, and hears how to get one", () => {
    const made = plan(facts([plain([], { gpus: [gpu("1002:744c")] })]));
    expect(made.refused).toBe(false);
    expect(verdict(made, "gpu-driver")).toMatchObject({
      state: "warning",
      detail: expect.stringMatching(/assign a profile/) as unknown,
    });
  });

  test("once a profile was assigned, its image is that of the profile", () => {
    const made = plan(
      facts([plain([], { recordedSchematicId: idB, recordedDocument: documentOf("amdgpu"), profileNames: ["AMD"] })]),
    );
    expect(made.nodes[0]).toMatchObject({ toSchematicId: idB });
  });

  test("at the same release it already holds what it would get", () => {
    expect(plan(facts([plain([])]), { targetVersion: null }).skipped[0]?.reason).toMatch(/without a schematic already/);
  });
});

test.each<[AtFactory, State, RegExp]>([
  ["known", "ok", /knows it/],
  ["to-register", "ok", /is registered there when the run starts/],
  ["unknown", "refused", /Assign a profile/],
  ["known-before", "warning", /knew this schematic before/],
  ["waiting", "refused", /Plan again once it answers/],
  ["not-asked", "warning", /could not be asked/],
])("a schematic that is %s at the factory is %s", (at, state, detail) => {
  const made = plan(facts([node("w")], { atFactory: new Map([[idA, at]]) }));
  expect(verdict(made, "registered")).toMatchObject({ state, detail: expect.stringMatching(detail) as unknown });
  expect(made.refused).toBe(state === "refused");
});

describe("repair: the same image again", () => {
  const lacks = (names: string[], document: string[], changes: Partial<PlanNodeFacts> = {}) =>
    node("w", { ...driven(...document), extensions: names.map((name) => ({ name, version: "1" })), ...changes });
  const repair = (one: PlanNodeFacts, asked = true) =>
    plan(facts([one]), { targetVersion: null, policy: { repair: asked } });
  const nvidia = ["nvidia-open-gpu-kernel-modules-production", "nvidia-container-toolkit-production"];

  test.each<[string, PlanNodeFacts, string[]]>([
    ["an extension", lacks([], ["iscsi-tools"]), ["the extension iscsi-tools"]],
    ["one of several", lacks(["zfs"], ["iscsi-tools", "zfs"]), ["the extension iscsi-tools"]],
    ["an NVIDIA extension", lacks([nvidia[0] ?? ""], nvidia), [`the extension ${nvidia[1]}`]],
    [
      "a module that its config asks for",
      lacks(nvidia, nvidia, { gpus: [gpu("10de:2684")], configuredModules: ["nvidia"] }),
      ["the kernel module nvidia"],
    ],
    [
      "the module of an AMD card",
      lacks(["amdgpu"], ["amdgpu"], { gpus: [gpu("1002:744c")] }),
      ["the kernel module amdgpu"],
    ],
  ])("of a node that lacks %s, said in the plan", (_name, one, parts) => {
    const made = repair(one);
    expect(made.nodes[0]).toMatchObject({
      repairs: parts,
      fromVersion: "v1.13.4",
      toVersion: "v1.13.4",
      toSchematicId: idA,
    });
    expect(made.nodes[0]?.changes[0]).toBe(`The same image is installed again, to bring back ${parts.join(", ")}.`);
    expect(repair(one, false).skipped[0]?.reason).toContain(`lacks ${parts.join(", ")}. Choose to repair it`);
  });

  test.each<[string, PlanNodeFacts]>([
    ["nothing", lacks(["iscsi-tools"], ["iscsi-tools"])],
    ["nothing, under another name", lacks(["v4l"], ["v4l-uvc-drivers"])],
    ["a module that no card needs", lacks(["amdgpu"], ["amdgpu"])],
    ["a module that its config does not ask for", lacks(nvidia, nvidia, { gpus: [gpu("10de:2684")] })],
    ["modules that it does not tell", lacks(["amdgpu"], ["amdgpu"], { gpus: [gpu("1002:744c")], loadedModules: null })],
  ])("has nothing to do on a node that lacks %s", (_name, one) => {
    expect(repair(one)).toMatchObject({ nodes: [], refused: true });
  });
});

test("the effect of each turn: pods by name and count, minutes as earlier runs took", () => {
  const pods = ["a/1", "b/2"];
  const of = facts([node("w"), node("z", { nodename: null, version: "v1.12.5", kubernetesVersion: "v1.34.0" })], {
    pods: new Map([["c1", { ok: true, byNode: new Map([["w", pods]]) }]]),
    tookMs: { byNode: new Map([["w", 200_000]]), byFlow: { lifecycle: 60_000 } },
  });
  expect(plan(of).nodes.map(({ effect }) => effect)).toEqual([
    { pods: { known: true, count: 2, names: pods }, minutes: 4 },
    { pods: { known: false, reason: "The name of its Kubernetes node is not known." }, minutes: null },
  ]);
});

test("new power over a node is told in words, without values, and only where the image that runs has it not", () => {
  const withArgs = (...extraKernelArgs: string[]) => ({ customization: { extraKernelArgs } });
  const wiping = withArgs("talos.experimental.wipe=system", "talos.config=http://x/c4n4ry");
  const before = node("w-1", { recordedSchematicId: idB, recordedDocument: wiping, profileNames: ["p"] });
  const told = verdict(plan(facts([before])), "powers");
  expect(told?.state).toBe("warning");
  expect(told?.detail).toContain("Kernel argument talos.experimental.wipe erases disks at the next start.");
  expect(told?.detail).toContain("Only an administrator may start this.");
  expect(told?.detail).not.toContain("c4n4ry");
  expect(powersOfPlan(plan(facts([before])), facts([before]))).toHaveLength(2);
  const same = { ...before, runningDocument: wiping };
  expect(verdict(plan(facts([same])), "powers")?.state).toBe("ok");
});
