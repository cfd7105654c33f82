import { describe, expect, test } from "vitest";
import { type GpuEvidence, kernelVerdicts } from "./proof-evidence";
import { ada, gpu, nvidiaModules, pascal, profile, prove, second, states } from "./testing";

test("eight links proven is a working GPU", () => {
  const proof = prove();
  expect(states(proof)).toEqual(Array(8).fill("proven"));
  expect(proof).toMatchObject({ state: "working", firstBroken: null, brief: null, why: null, remedy: null });
  expect(proof.links.map(({ evidence }) => evidence)).toEqual([
    "0000:01:00.0 · 10de:2684",
    "nvidia-open-production",
    "6698d6f1…b3a2",
    "nvidia-open-gpu-kernel-modules-production 595.91.07-v1.14.0",
    nvidiaModules.join(", "),
    "nvidia",
    "nvidia0, nvidiactl, nvidia.yaml",
    "nvidia.com/gpu: 1",
  ]);
});

describe("each link breaks by itself, says why, and what to do", () => {
  const cases: [string, number, Partial<GpuEvidence>, string, string][] = [
    ["card gone", 0, { gpus: [] }, "does not see it any more", "none"],
    [
      "no profile",
      1,
      { profiles: [], runningSchematic: null, extensions: [] },
      "No profile is assigned",
      "assign-profile",
    ],
    [
      "profile of another vendor",
      1,
      { profiles: [profile("amd")], runningSchematic: null, extensions: null },
      "No profile",
      "assign-profile",
    ],
    [
      "schematic without extensions",
      2,
      { runningSchematic: { id: "376567988ad370138ad8", extensions: [] } },
      "was built without",
      "upgrade",
    ],
    ["extension not loaded", 3, { extensions: [] }, "did not load it", "repair"],
    [
      "modules not in the config",
      4,
      { modules: ["ext4"], configModules: ["ext4"] },
      "machine config does not load nvidia, nvidia_uvm, nvidia_drm, and nvidia_modeset",
      "apply-config",
    ],
    [
      "some modules not in the config",
      4,
      { modules: ["nvidia"], configModules: ["nvidia", "nvidia-uvm"] },
      "machine config does not load nvidia_drm and nvidia_modeset, and",
      "apply-config",
    ],
    [
      "modules in the config, and not live",
      4,
      { modules: ["ext4"] },
      "machine config asks for nvidia, nvidia_uvm, nvidia_drm, and nvidia_modeset, and the kernel has not loaded them",
      "kernel-log",
    ],
    [
      "a config that was not read",
      4,
      { modules: ["ext4"], configModules: null },
      "The kernel has not loaded nvidia, nvidia_uvm, nvidia_drm, and nvidia_modeset. Whether the machine config asks for them could not be read.",
      "kernel-log",
    ],
    [
      "held by another driver",
      5,
      { boundDrivers: { [ada.pciAddress]: "vfio-pci" } },
      "vfio-pci holds the card",
      "none",
    ],
    [
      "held by another driver, which the config loads",
      5,
      { boundDrivers: { [ada.pciAddress]: "vfio-pci" }, configModules: [...nvidiaModules, "vfio_pci"] },
      "The machine config loads vfio-pci",
      "apply-config",
    ],
    ["no driver bound", 5, { boundDrivers: {} }, "nvidia is loaded but does not take the card", "kernel-log"],
    [
      "no driver bound, and no word of its modules",
      5,
      { boundDrivers: {}, modules: null },
      "nvidia is not bound to the card",
      "kernel-log",
    ],
    ["no CDI", 6, { cdiFiles: [] }, "/run/cdi/nvidia.yaml is not there", "services"],
    ["no device file", 6, { deviceFiles: [] }, "/dev/nvidia0 and /dev/nvidiactl", "services"],
    ["no device plugin", 7, { allocatable: { cpu: "8" } }, "no device plugin has registered it", "install-add-on"],
    [
      "one of two",
      7,
      { gpus: [ada, second], boundDrivers: { [ada.pciAddress]: "nvidia", [second.pciAddress]: "nvidia" } },
      "offers 1 of this node's 2 GPUs",
      "install-add-on",
    ],
  ];
  test.each(cases)("%s", (_name, index, over, why, action) => {
    const proof = prove(over);
    expect(proof.firstBroken).toBe(index);
    expect(proof.state).toBe(index === 1 ? "no-profile" : "broken");
    expect(proof.why).toContain(why);
    expect(proof.remedy?.action.kind).toBe(action);
    expect(states(proof).slice(index + 1)).toEqual(Array(7 - index).fill("not-reached"));
    expect(states(proof).slice(0, index)).not.toContain("broken");
  });

  test("toolkit and modules of different drivers", () => {
    const proof = prove({
      extensions: [
        { name: "nvidia-container-toolkit-production", version: "570.172.08-v1.17.8" },
        { name: "nvidia-open-gpu-kernel-modules-production", version: "595.91.07-v1.14.0" },
      ],
    });
    expect(proof.firstBroken).toBe(3);
    expect(proof.why).toContain("different drivers");
  });
});

describe("the wrong driver for the card", () => {
  const log = [
    "eth0: link up",
    // One record, as /dev/kmsg gives it.
    "NVRM: The NVIDIA GPU 0000:01:00.0 (PCI ID: 10de:1b06)\\x0aNVRM: installed in this system is not supported by open\\x0aNVRM: nvidia.ko because it does not include the required GPU\\x0aNVRM: System Processor (GSP).\u001b[0m",
    "NVRM: Xid (PCI:0000:99:00): 79, GPU has fallen off the bus.",
    "NVRM: No NVIDIA GPU found.",
  ];

  test("Pascal with the open modules: the modules link breaks, and the profile is the remedy", () => {
    const proof = prove({ modules: ["ext4"], boundDrivers: {}, kernelLog: log }, pascal);
    expect(proof.firstBroken).toBe(4);
    expect(proof.brief).toBe("driver refuses the card");
    expect(proof.why).toContain("GP102 is Pascal: the open kernel modules support Turing and newer only");
    expect(proof.remedy).toEqual({
      sentence: "Assign nvidia-proprietary-lts: a new schematic, then one upgrade with a reboot.",
      action: { kind: "assign-profile", profileId: "nvidia-proprietary-lts" },
    });
    expect(proof.evidence).toEqual([
      "NVRM: The NVIDIA GPU 0000:01:00.0 (PCI ID: 10de:1b06) installed in this system is not supported by open nvidia.ko because it does not include the required GPU System Processor (GSP).[0m",
      "NVRM: No NVIDIA GPU found.",
    ]);
  });

  test("once the fitting profile is assigned, the old driver's words are no reason against it: the upgrade is due", () => {
    const proof = prove(
      { profiles: [profile("nvidia-proprietary-lts")], modules: ["ext4"], boundDrivers: {}, kernelLog: log },
      pascal,
    );
    expect(proof.firstBroken).toBe(2);
    expect(proof.remedy?.action).toEqual({ kind: "upgrade" });
  });

  test("an adopted node without assigned profile is judged by what it runs", () => {
    const proof = prove({ profiles: [], modules: ["ext4"], boundDrivers: {}, kernelLog: log }, pascal);
    expect(proof.links[1]).toMatchObject({
      state: "not-applicable",
      evidence: "none assigned; the node runs nvidia-open-production",
    });
    expect(proof.firstBroken).toBe(4);
    expect(proof.remedy?.action).toEqual({ kind: "assign-profile", profileId: "nvidia-proprietary-lts" });
    expect(prove({ profiles: [] }).state).toBe("working");
  });

  test("an adopted Pascal node with the open modules alone breaks where the driver refuses, not at the missing toolkit", () => {
    const proof = prove(
      {
        profiles: [],
        runningSchematic: {
          id: "0123456789abcdef",
          extensions: ["siderolabs/nvidia-open-gpu-kernel-modules-production"],
        },
        modules: ["ext4"],
        boundDrivers: {},
        kernelLog: log,
      },
      pascal,
    );
    expect(proof.firstBroken).toBe(4);
    expect(proof.state).toBe("broken");
    expect(proof.remedy?.action).toEqual({ kind: "assign-profile", profileId: "nvidia-proprietary-lts" });
  });

  test("an adopted node that could work gets its profile assigned before anything else", () => {
    const half = { id: "0123456789abcdef", extensions: ["siderolabs/nvidia-open-gpu-kernel-modules-lts"] };
    const proof = prove({ profiles: [], runningSchematic: half });
    expect(proof.firstBroken).toBe(2);
    expect(proof.remedy?.action).toEqual({ kind: "assign-profile", profileId: "nvidia-open-production" });
  });

  test("the kernel's word is taken for a card that the catalogue does not know", () => {
    const strange = gpu("10de:3ffe");
    const proof = prove(
      {
        modules: [],
        boundDrivers: {},
        kernelLog: ["NVRM: GPU 0000:01:00.0 is not supported by the NVIDIA 595.91.07 driver release"],
      },
      strange,
    );
    expect(proof.why).toContain("its branch does not support this card any more");
  });

  test("what the driver says over several lines is one message, of the card that its first line names", () => {
    const said = (address: string, ...lines: string[]) =>
      [`NVRM: The NVIDIA GPU ${address} (PCI ID: 10de:3ffe)`, ...lines.map((line) => `NVRM: ${line}`)].join("\\x0a");
    const strange = gpu("10de:3ffe");
    const verdictsOf = (...records: string[]) => [...kernelVerdicts(records, strange).verdicts];
    const open = ["installed in this system is not supported by open", "nvidia.ko because it does not include"];
    const dropped = ["installed in this system is not supported by the", "NVIDIA 595.91.07 driver release."];
    const fallen = ["installed in this system has", "fallen off the bus and is not responding to commands."];
    expect(verdictsOf(said("0000:01:00.0", ...open))).toEqual(["needs-proprietary"]);
    expect(verdictsOf(said("0000:01:00.0", ...dropped))).toEqual(["branch-dropped"]);
    expect(verdictsOf(said("0000:01:00.0", ...fallen))).toEqual(["fell-off-bus"]);
    expect(verdictsOf(said("0000:99:00.0", ...open), said("0000:99:00.0", ...fallen))).toEqual([]);
  });

  test("a card that the driver holds is not the one that it refuses without saying which", () => {
    const kernelLog = [
      "NVRM: The NVIDIA GeForce GTX 1080 Ti GPU installed in this system is\\x0aNVRM:  supported through the NVIDIA 580.xx Legacy drivers. Please",
    ];
    const proof = prove({ kernelLog, allocatable: {} });
    expect(proof.brief).toBe("not allocatable");
    expect(proof.why).not.toContain("branch");
  });

  test("lines of another card are no evidence", () => {
    const proof = prove({ kernelLog: ["NVRM: Xid (PCI:0000:99:00): 79, GPU has fallen off the bus."] });
    expect(proof.state).toBe("working");
    expect(proof.evidence).toEqual([]);
  });

  test("a card that fell off the bus is broken though its driver is bound", () => {
    const proof = prove({ kernelLog: ["NVRM: Xid (PCI:0000:01:00): 79, pid=1, GPU has fallen off the bus."] });
    expect(proof.firstBroken).toBe(5);
    expect(proof.evidence).toHaveLength(1);
  });

  test("a log full of lines is capped", () => {
    const proof = prove({
      kernelLog: Array.from({ length: 500 }, (_, n) => `NVRM: Xid (PCI:0000:01:00): ${n}, ${"x".repeat(1000)}`),
    });
    expect(proof.evidence).toHaveLength(5);
    expect(Math.max(...proof.evidence.map((line) => line.length))).toBeLessThanOrEqual(300);
    expect(proof.evidence.at(-1)).toContain("499");
  });
});

describe("what could not be read", () => {
  test("is unknown, never broken, and the chain goes on", () => {
    const proof = prove({
      runningSchematic: null,
      extensions: null,
      modules: null,
      boundDrivers: null,
      deviceFiles: null,
      allocatable: null,
    });
    expect(states(proof)).toEqual(["proven", "proven", ...Array(6).fill("unknown")]);
    expect(proof.state).toBe("unproven");
    expect(proof.why).toContain("Kubernetes could not be asked");
    expect(prove({ modules: null, allocatable: {} }).firstBroken).toBe(7);
  });

  test("before 1.13 there is no CDI, and that is no fault", () => {
    expect(prove({ talosVersion: "v1.12.0", cdiFiles: [] }).links[6]?.state).toBe("proven");
  });
});

test("a card that another driver holds is not missing from what Kubernetes offers of this one", () => {
  const boundDrivers = { [ada.pciAddress]: "nvidia", [second.pciAddress]: "vfio-pci" };
  expect(prove({ gpus: [ada, second], boundDrivers }).state).toBe("working");
});

test("time slices of a card under a name of their own are what Kubernetes offers", () => {
  expect(prove({ allocatable: { "nvidia.com/gpu": "0", "nvidia.com/gpu.shared": "4" } }).state).toBe("working");
});

test("the profile none leaves a card alone", () => {
  const proof = prove({ profiles: [profile("none")], modules: [], boundDrivers: {} });
  expect(proof).toMatchObject({ state: "no-profile", firstBroken: null, remedy: null });
  expect(states(proof).slice(2)).toEqual(Array(6).fill("not-applicable"));
});
