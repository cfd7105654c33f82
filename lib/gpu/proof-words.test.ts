import { describe, expect, test } from "vitest";
import type { GpuProfile } from "./profile-schema";
import type { GpuEvidence } from "./proof-evidence";
import type { Remedy } from "./proof-links";
import type { GpuDevice } from "./schema";
import { ada, gpu, nvidiaModules, pascal, profile, prove, second } from "./testing";

const open = profile("nvidia-open-production");
const [plugin] = open.addOns;
if (!plugin) throw new Error("the profile has no add-on");
const custom = (changes: Partial<GpuProfile>): GpuProfile => ({ ...open, id: "mine", ...changes });
const noDriver = custom({ driver: { kind: "none" }, kernelModules: [], extensions: [] });
const bothBound = { [ada.pciAddress]: "nvidia", [second.pciAddress]: "nvidia" };
const logs = "Look in the kernel log for ";
const addOn = (sentence: string, of: Partial<{ id: string; profileId: string | null }> = {}): Remedy => ({
  sentence: `Install ${sentence} in the cluster, or look at its pods on this node.`,
  action: {
    kind: "install-add-on",
    addOn: of.id ?? plugin.id,
    profileId: of.profileId === undefined ? open.id : of.profileId,
  },
});

type Case = {
  over: Partial<GpuEvidence>;
  card?: GpuDevice;
  brief: string;
  evidence: string;
  why: string;
  remedy: Remedy;
};
const cases: Record<string, Case> = {
  "a card that is gone from the bus": {
    over: { gpus: [] },
    brief: "card is gone from the bus",
    evidence: "0000:01:00.0 · 10de:2684 is not on the bus",
    why: "The card was here before, and the node does not see it any more.",
    remedy: { sentence: "Check that it has power and sits well, then boot the node again.", action: { kind: "none" } },
  },
  "a card whose sibling needs another driver gets the one that drives both": {
    over: {
      profiles: [],
      runningSchematic: null,
      extensions: null,
      gpus: [ada, { ...pascal, pciAddress: "0000:02:00.0" }],
    },
    brief: "no profile assigned",
    evidence: "none",
    why: "No profile is assigned for this card. AD102 is Ada Lovelace: the open modules support it, so nvidia-open-production fits.",
    remedy: {
      sentence: "Assign nvidia-proprietary-lts: a new schematic, then one upgrade with a reboot.",
      action: { kind: "assign-profile", profileId: "nvidia-proprietary-lts" },
    },
  },
  "an image without the extensions": {
    over: { runningSchematic: { id: "376567988ad370138ad8", extensions: [] } },
    brief: "image lacks the driver",
    evidence: "37656798…8ad8 lacks nvidia-container-toolkit-production, nvidia-open-gpu-kernel-modules-production",
    why: "The running image was built without nvidia-container-toolkit-production and nvidia-open-gpu-kernel-modules-production, which nvidia-open-production needs.",
    remedy: {
      sentence: "Upgrade the node to the image of its assigned schematic: one install and a reboot.",
      action: { kind: "upgrade" },
    },
  },
  "extensions that the schematic names and the node has not loaded": {
    over: { extensions: [] },
    brief: "extensions not loaded",
    evidence: "not loaded: nvidia-container-toolkit-production, nvidia-open-gpu-kernel-modules-production",
    why: "The schematic names nvidia-container-toolkit-production and nvidia-open-gpu-kernel-modules-production, but the node did not load it.",
    remedy: {
      sentence: "Install the image again: the running one does not hold what its schematic says.",
      action: { kind: "repair" },
    },
  },
  "extensions that are not loaded, of a schematic that nobody knows": {
    over: { runningSchematic: null, extensions: [{ name: "nvidia-container-toolkit-production", version: "1" }] },
    brief: "extensions not loaded",
    evidence: "not loaded: nvidia-open-gpu-kernel-modules-production",
    why: "nvidia-open-production needs nvidia-open-gpu-kernel-modules-production, and the node did not load it.",
    remedy: {
      sentence: "Upgrade the node to the image of its assigned schematic: one install and a reboot.",
      action: { kind: "upgrade" },
    },
  },
  "a toolkit of another driver than the modules": {
    over: {
      extensions: [
        { name: "nvidia-container-toolkit-production", version: "595.91.08-v1.17.8" },
        { name: "nvidia-open-gpu-kernel-modules-production", version: "595.91.07-v1.14.0" },
      ],
    },
    brief: "extensions not loaded",
    evidence:
      "nvidia-container-toolkit-production 595.91.08-v1.17.8, nvidia-open-gpu-kernel-modules-production 595.91.07-v1.14.0",
    why: "The NVIDIA kernel modules and the container toolkit come from different drivers, so the toolkit cannot talk to them.",
    remedy: { sentence: "Upgrade to an image that has both from one release.", action: { kind: "upgrade" } },
  },
  "one module that the config asks for": {
    over: { modules: nvidiaModules.slice(1) },
    brief: "kernel modules not live",
    evidence: "nvidia: not loaded",
    why: "The machine config asks for nvidia, and the kernel has not loaded it.",
    remedy: {
      sentence: `${logs}why the module was not loaded: the machine config asks for it already.`,
      action: { kind: "kernel-log" },
    },
  },
  "one module, and a config that was not read": {
    over: { modules: nvidiaModules.slice(1), configModules: null },
    brief: "kernel modules not live",
    evidence: "nvidia: not loaded",
    why: "The kernel has not loaded nvidia. Whether the machine config asks for it could not be read.",
    remedy: {
      sentence: `${logs}the module, and in the machine config for its kernel modules.`,
      action: { kind: "kernel-log" },
    },
  },
  "a card that another driver holds": {
    over: { boundDrivers: { [ada.pciAddress]: "vfio-pci" }, configModules: null },
    brief: "no driver bound",
    evidence: "bound to vfio-pci",
    why: "vfio-pci holds the card, so nvidia cannot have it.",
    remedy: {
      sentence:
        "Look what binds the card to vfio-pci: kernel modules of the machine config, or kernel arguments of the schematic.",
      action: { kind: "none" },
    },
  },
  "a card that no driver takes, though its module is there": {
    over: { boundDrivers: {}, modules: [...nvidiaModules].reverse() },
    brief: "no driver bound",
    evidence: "no driver bound",
    why: "nvidia is loaded but does not take the card.",
    remedy: { sentence: `${logs}what the driver says of the card.`, action: { kind: "kernel-log" } },
  },
  "device nodes that are missing under a bound driver, with each service's own word": {
    over: {
      deviceFiles: [],
      waiting: [
        { id: "ext-nvidia-persistenced", state: "Waiting", message: "" },
        { id: "ext-nvidia-cdi-gen", state: "Waiting", message: "for .. it." },
      ],
    },
    brief: "no device nodes",
    evidence: "missing: /dev/nvidia0, /dev/nvidiactl",
    why: "The driver is bound, but /dev/nvidia0 and /dev/nvidiactl is not there, so no container can be given the card. ext-nvidia-persistenced is not up: Waiting. ext-nvidia-cdi-gen is not up: for .. it.",
    remedy: {
      sentence: "Look at the services ext-nvidia-persistenced and ext-nvidia-cdi-gen.",
      action: { kind: "services" },
    },
  },
  "device nodes that are missing where nobody knows what is bound": {
    over: { deviceFiles: ["nvidia0"], boundDrivers: null },
    brief: "no device nodes",
    evidence: "missing: /dev/nvidiactl",
    why: "/dev/nvidiactl is not there, so no container can be given the card.",
    remedy: {
      sentence: "Look at the services ext-nvidia-persistenced and ext-nvidia-cdi-gen.",
      action: { kind: "services" },
    },
  },
  "a node that offers none": {
    over: { allocatable: { "nvidia.com/gpu": "0", "nvidia.com/gpu.shared": "0" } },
    brief: "not allocatable",
    evidence: "nvidia.com/gpu: 0",
    why: "Kubernetes does not offer nvidia.com/gpu on this node: no device plugin has registered it.",
    remedy: addOn(plugin.title),
  },
  "a node that offers one of two": {
    over: {
      gpus: [ada, second],
      boundDrivers: bothBound,
      allocatable: { "nvidia.com/gpu": "1", "nvidia.com/mig-1g": "0" },
    },
    brief: "not allocatable",
    evidence: "nvidia.com/gpu: 1",
    why: "Kubernetes offers 1 of this node's 2 GPUs.",
    remedy: addOn(plugin.title),
  },
  "a custom profile: the add-on that fits the release is the one to install, and no profile of ours": {
    over: {
      profiles: [
        custom({
          addOns: [
            { ...plugin, id: "old", talos: { until: 14 }, resources: ["x.test/a", "x.test/b"] },
            { ...plugin, id: "silent", resources: [] },
            { ...plugin, id: "new", title: "the new one", resources: ["x.test/a", "x.test/c"] },
          ],
        }),
      ],
      allocatable: { cpu: "8" },
    },
    brief: "not allocatable",
    evidence: "x.test/a, x.test/c: 0",
    why: "Kubernetes does not offer x.test/a or x.test/c on this node: no device plugin has registered it.",
    remedy: addOn("the new one", { id: "new", profileId: null }),
  },
};

describe("what a broken chain says, and what to do", () => {
  test.each(Object.entries(cases))("%s", (_, { over, card, brief, evidence, why, remedy }) => {
    const proof = prove(over, card);
    expect(proof).toMatchObject({ brief, why, remedy });
    expect(proof.links[proof.firstBroken ?? -1]).toMatchObject({ state: "broken", evidence });
  });
});

describe("a driver that refuses the card, by the kernel's word", () => {
  const strange = gpu("10de:3ffe");
  const dropped = "NVRM: GPU 0000:01:00.0 is not supported by the NVIDIA 595.91.07 driver release";
  const openOnly = "NVRM: The NVIDIA GPU 0000:01:00.0 is not supported by open nvidia.ko";
  const refusal = (kernelLog: string[], over: Partial<GpuEvidence> = {}) =>
    prove({ modules: [], boundDrivers: {}, kernelLog, ...over }, strange);

  test("is the reason, and no profile of the same driver is the remedy", () => {
    expect(refusal([dropped])).toMatchObject({
      why: "The driver says that its branch does not support this card any more.",
      remedy: { action: { kind: "none" } },
    });
    expect(refusal([openOnly]).why).toBe("The driver says that the open kernel modules do not support this card.");
    expect(refusal(["NVRM: GPU 0000:01:00.0: hello"]).brief).toBe("kernel modules not live");
  });

  test("is no reason where another driver spoke than the assigned one", () => {
    for (const other of ["nvidia-open-lts", "nvidia-proprietary-production", "nvidia-proprietary-lts"]) {
      const proof = refusal([dropped], { profiles: [profile(other)] });
      expect([other, proof.firstBroken, proof.brief]).toEqual([other, 2, "image lacks the driver"]);
    }
  });

  test("is a reason where nobody knows which driver runs, or what is bound", () => {
    expect(refusal([dropped], { runningSchematic: null, extensions: null }).brief).toBe("driver refuses the card");
    expect(refusal([dropped], { boundDrivers: null }).brief).toBe("driver refuses the card");
  });

  test("is no reason against a card of another vendor, or against another driver", () => {
    const radeon = gpu("1002:744c");
    const off = { modules: [], boundDrivers: {}, kernelLog: [dropped], runningSchematic: null, extensions: null };
    expect(prove({ ...off, profiles: [profile("amd")] }, radeon).brief).toBe("kernel modules not live");
  });
});

test("a profile that names no driver has no modules, device nodes or binding to prove", () => {
  const proof = prove({ profiles: [noDriver], allocatable: { "nvidia.com/gpu": "1" } });
  const none = { state: "not-applicable", evidence: "the profile names no driver" };
  expect(proof.links.slice(4, 7)).toMatchObject([none, none, none]);
  expect(proof.links.slice(2, 4)).toMatchObject([{ state: "proven" }, { evidence: "none needed" }]);
  const bare = prove({ profiles: [custom({ addOns: [] })] });
  expect(bare.links[7]).toMatchObject({ state: "not-applicable", evidence: "the profile has no Kubernetes add-on" });
  const mine = custom({
    driver: { kind: "none" },
    kernelModules: [],
    extensions: [],
    addOns: [{ ...plugin, resources: ["x.test/a"] }],
  });
  expect(prove({ profiles: [mine], allocatable: { "x.test/a": "1", "nvidia.com/gpu": "1" } }).links[7]?.evidence).toBe(
    "x.test/a: 1",
  );
});

test("a profile that leaves the card alone says so; one that is gone is gone all the same", () => {
  const none = prove({ profiles: [profile("none")], modules: [], boundDrivers: {} });
  expect(none.why).toBe("The profile none leaves this card alone on purpose.");
  expect(none.links.slice(2).map(({ evidence }) => evidence)).toEqual(Array(6).fill("left alone on purpose"));
  const gone = prove({ profiles: [profile("none")], gpus: [] });
  expect(gone).toMatchObject({ state: "broken", firstBroken: 0 });
  expect(gone.links.slice(1)).toEqual(
    gone.links.slice(1).map((link) => ({ ...link, state: "not-reached", evidence: "not reached" })),
  );
});

test("what could not be read is named, one after the other", () => {
  expect(prove({ runningSchematic: null, allocatable: null }).why).toBe(
    "Not everything could be read: the node does not say which schematic it runs; Kubernetes could not be asked.",
  );
  const unknown = prove({
    ...{ runningSchematic: { id: "0123456789abcdef", extensions: null }, extensions: null, modules: null },
    ...{ boundDrivers: null, deviceFiles: null, allocatable: null },
  });
  expect(unknown.links.slice(2).map(({ evidence }) => evidence)).toEqual([
    "01234567…cdef: its document is not known",
    "the node's extensions could not be read",
    "the node's kernel modules could not be read",
    "the node's driver bindings could not be read",
    "the node's device files could not be read",
    "Kubernetes could not be asked",
  ]);
});

test("from 1.13 on CDI is asked for, where it was read", () => {
  for (const [talosVersion, cdiFiles, state] of [
    ["v1.13.0", [], "broken"],
    ["v1.12.9", [], "proven"],
    ["v1.13.0", null, "proven"],
    [null, [], "broken"],
  ] as const)
    expect(prove({ talosVersion, cdiFiles }).links[6]?.state, `${talosVersion}`).toBe(state);
});
