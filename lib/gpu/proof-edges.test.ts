import { describe, expect, test } from "vitest";
import type { GpuProfile } from "./profile-schema";
import { type GpuEvidence, kernelVerdicts } from "./proof-evidence";
import { evidenceFromListings, isGpuKernelLine, proofListPaths } from "./proof-paths";
import { ada, amd, gpu, nvidiaModules, pascal, profile, prove, radeon, second } from "./testing";

const open = profile("nvidia-open-production");
const custom = (changes: Partial<GpuProfile>): GpuProfile => ({ ...open, id: "mine", addOns: [], ...changes });

test("a card is on the bus where its own address is, not another's", () => {
  expect(prove({ gpus: [second] }).firstBroken).toBe(0);
  const none = { gpus: [], profiles: [], runningSchematic: null, extensions: null };
  expect(prove(none), "nobody asks for the profile of a card that is gone").toMatchObject({
    firstBroken: 0,
    state: "broken",
  });
});

describe("the driver's own words are evidence for what the driver does, and for nothing else", () => {
  const kernelLog = [`amdgpu ${radeon.pciAddress}: error: it failed`];
  test.each<[string, Partial<GpuEvidence>, number, string[]]>([
    ["modules that are not live", { modules: [] }, 4, kernelLog],
    ["a card that is not bound", { boundDrivers: {} }, 5, kernelLog],
    ["device nodes that are missing", { deviceFiles: [] }, 6, kernelLog],
    ["extensions that are not loaded", { extensions: [] }, 3, []],
    ["a card that Kubernetes does not offer", { allocatable: {} }, 7, []],
  ])("%s", (_, over, firstBroken, evidence) =>
    expect(prove({ ...amd, kernelLog, ...over }, radeon)).toMatchObject({ firstBroken, evidence }),
  );
});

describe("a node that was adopted as it is", () => {
  test("gets a profile before its config is changed", () => {
    const proof = prove({ profiles: [], modules: ["ext4"], configModules: ["ext4"] });
    expect(proof).toMatchObject({ firstBroken: 4, remedy: { action: { kind: "assign-profile" } } });
    expect(prove({ profiles: [], deviceFiles: [] }).remedy?.action.kind, "what needs no profile").toBe("services");
  });

  test("with a driver that can never drive the card is asked for that driver alone", () => {
    const running = { id: "0123456789abcdef", extensions: ["siderolabs/nvidia-open-gpu-kernel-modules-production"] };
    const proof = prove(
      { profiles: [], runningSchematic: running, extensions: [], modules: [], boundDrivers: {} },
      pascal,
    );
    expect(proof.firstBroken).toBe(3);
    expect(proof.links[3]?.evidence).toBe("not loaded: nvidia-open-gpu-kernel-modules-production");
  });
});

describe("the kernel's refusal concerns NVIDIA's driver on NVIDIA's cards", () => {
  const kernelLog = ["NVRM: GPU 0000:01:00.0 is not supported by the NVIDIA 595.91.07 driver release"];
  test("not a profile without a driver", () => {
    const bare = custom({ driver: { kind: "none" }, kernelModules: [], extensions: [], addOns: open.addOns });
    expect(prove({ profiles: [bare], boundDrivers: {}, kernelLog, allocatable: {} }).brief).toBe("not allocatable");
  });
  test("not another vendor's card, whatever its profile names", () => {
    const odd = custom({ vendor: "amd" });
    expect(prove({ profiles: [odd], boundDrivers: {}, kernelLog, modules: [] }, radeon).brief).toBe(
      "kernel modules not live",
    );
  });
  test("also where no release is known", () => {
    expect(prove({ talosVersion: null, modules: [], boundDrivers: {} }).brief).toBe("kernel modules not live");
  });
});

describe("extensions", () => {
  const both = (toolkit: string, modules: string) => [
    { name: "nvidia-container-toolkit-production", version: toolkit },
    { name: "nvidia-open-gpu-kernel-modules-production", version: modules },
  ];
  test.each<[string, string, string, number | null]>([
    ["of one driver, in builds that differ", "595.91.07-a", "595.91.07-b", null],
    ["of drivers that differ in the last part", "595.91.07", "595.91.08", 3],
    ["of versions that are no numbers", "main", "main", null],
    ["of versions that do not begin with a number", "r1.2-a", "r1.2-b", 3],
  ])("%s", (_, toolkit, modules, firstBroken) =>
    expect(prove({ extensions: both(toolkit, modules) }).firstBroken).toBe(firstBroken),
  );

  test("of another maker with NVIDIA's name inside are held to no version", () => {
    const mine = custom({
      extensions: ["siderolabs/x-nvidia-open", "siderolabs/x-nonfree-kmod"].map((name) => ({
        name,
        when: "always" as const,
      })),
    });
    const proof = prove({
      profiles: [mine],
      runningSchematic: { id: "0123456789abcdef", extensions: mine.extensions.map(({ name }) => name) },
      extensions: [
        { name: "x-nonfree-kmod", version: "1.0" },
        { name: "x-nvidia-open", version: "2.0" },
      ],
    });
    expect(proof.links[3]).toMatchObject({ state: "proven", evidence: "x-nonfree-kmod 1.0" });
  });

  test("of a profile without a driver are told by the first", () => {
    const mine = custom({ driver: { kind: "none" }, kernelModules: [] });
    expect(prove({ profiles: [mine] }).links[3]?.evidence).toBe(
      "nvidia-container-toolkit-production 595.91.07-v1.19.1",
    );
  });

  test("that lack two of a schematic that nobody knows are told as two", () => {
    expect(prove({ runningSchematic: null, extensions: [] }).why).toContain(
      "needs nvidia-container-toolkit-production and nvidia-open-gpu-kernel-modules-production, and",
    );
  });
});

test("a driver of which no module is asked for is not called loaded", () => {
  const mine = custom({ kernelModules: [{ name: "nvidia_uvm", parameters: [] }] as never });
  const proof = prove({ profiles: [mine], modules: ["nvidia_uvm"], boundDrivers: {} });
  expect(proof).toMatchObject({ firstBroken: 5, why: "nvidia is not bound to the card." });
});

test("modules of a profile without a driver have no services to look at", () => {
  const mine = custom({
    driver: { kind: "none" },
    extensions: [],
    kernelModules: [{ name: "x", parameters: [] }] as never,
  });
  expect(prove({ profiles: [mine], modules: [], configModules: ["x"] }).why).toBe(
    "The machine config asks for x, and the kernel has not loaded it.",
  );
});

test("DRM nodes are the card's own, or else the node's; without services the kernel log tells", () => {
  expect(prove(amd, radeon).links[6]?.evidence).toBe("dri/renderD128, kfd");
  const proof = prove({ ...amd, deviceFiles: ["kfd"] }, radeon);
  expect(proof).toMatchObject({
    firstBroken: 6,
    remedy: {
      sentence: "Look in the kernel log for what the driver says of the card.",
      action: { kind: "kernel-log" },
    },
  });
});

describe("a line of the kernel log", () => {
  const of = (line: string, card = ada) => [...kernelVerdicts([line], card).verdicts];
  test.each<[string, string]>([
    ["NVRM: GPU at PCI:0000:01:00: x not supported by open nvidia.ko", "needs-proprietary"],
    ["NVRM: 0000:01:00.0 does not include the required GPU System Processor", "needs-proprietary"],
    ["NVRM: 0000:01:00.0 is not supported by the NVIDIA 595.91.07 driver", "branch-dropped"],
    ["NVRM: 0000:01:00.0 is supported through the NVIDIA 580.xx Legacy drivers", "branch-dropped"],
    ["NVRM: 0000:01:00.0 is supported through the NVIDIA 470.XX Legacy drivers", "branch-dropped"],
    ["NVRM: Xid (PCI:0000:01:00): 79, GPU has fallen off the bus.", "fell-off-bus"],
    ["NVRM: API mismatch: the client has the version 1", "versions-differ"],
    ["NVRM: No NVIDIA GPU found.", "no-gpu-found"],
  ])("%s", (line, verdict) => expect(of(line)).toEqual([verdict]));

  test("without an address is NVIDIA's driver's, and then of NVIDIA's cards alone", () => {
    expect(of("No NVIDIA GPU found.")).toEqual([]);
    expect(of("fallen off the bus")).toEqual([]);
    expect(of("NVRM: No NVIDIA GPU found.", radeon)).toEqual([]);
    expect(of("amdgpu 0000:01:00.0: failed to load x firmware", radeon)).toEqual(["firmware"]);
  });

  test.each<[string, boolean]>([
    ["00000000:01:00.0", true],
    ["0000:01:00", true],
    ["00000001:01:00.0", false],
    ["0000:01:00.1", false],
    ["0000:02:00.0", false],
    ["0000:02:00.0 and 0000:01:00.0", true],
  ])("of %s is the card's: %s", (address, own) =>
    expect(of(`NVRM: ${address} has fallen off the bus`).length).toBe(own ? 1 : 0),
  );

  test("is known by its address whatever its letters and its domain", () => {
    const far = { ...ada, pciAddress: "0001:0a:00.0" };
    expect(of("NVRM: 0001:0A:00.0 has fallen off the bus", far)).toHaveLength(1);
    expect(of("NVRM: 00000001:0A:00 has fallen off the bus", far)).toHaveLength(1);
  });

  const linesOf = (...log: string[]) => kernelVerdicts(log, ada).lines;
  test("is shown without control signs and once, and NVIDIA's sentence with the line before it", () => {
    expect(linesOf(" NVRM: No NVIDIA GPU found.\u001b\u200b ", "NVRM: No NVIDIA GPU found.")).toEqual([
      "NVRM: No NVIDIA GPU found.",
    ]);
    const refusal = "NVRM: installed in this system is not supported by open nvidia.ko";
    expect(linesOf("NVRM: The GPU", refusal)).toEqual(["NVRM: The GPU", refusal]);
    expect(linesOf("NVRM: The GPU", refusal, "NVRM: The GPU", refusal)).toEqual(["NVRM: The GPU", refusal]);
    expect(linesOf("eth0: up", refusal)).toEqual([refusal]);
    expect(linesOf(refusal)).toEqual([refusal]);
    expect(linesOf("NVRM: The GPU", "NVRM: No NVIDIA GPU found.")).toEqual(["NVRM: No NVIDIA GPU found."]);
    expect(linesOf("NVRM: The GPU 0000:01:00.0\\x0aNVRM:   is\\x0a  not supported by open nvidia.ko")).toEqual([
      "NVRM: The GPU 0000:01:00.0 is not supported by open nvidia.ko",
    ]);
  });
});

describe("listings", () => {
  test("of the cards that are there: DRM for AMD and Intel, CDI for NVIDIA", () => {
    const intel = gpu("8086:e20b");
    expect(proofListPaths([ada])).not.toContain("/dev/dri");
    expect(proofListPaths([ada])).toHaveLength(8);
    expect(proofListPaths([intel])).not.toContain("/run/cdi");
    expect(proofListPaths([intel]).slice(-2)).toEqual(["/dev/dri", `/sys/bus/pci/devices/${intel.pciAddress}/drm`]);
  });

  test("name cards by whole addresses, in small letters, and DRM nodes by whole names", () => {
    const listed = new Map<string, string[]>([
      ["/sys/bus/pci/drivers/nvidia", ["0000:0A:00.0", "0000:0b:00.0x", "x0000:0c:00.0"]],
      [`/sys/bus/pci/devices/${ada.pciAddress}/drm`, ["card0", "xcard0", "card0x", "renderD128", "card"]],
      ["/sys/module", nvidiaModules],
      ["/run/cdi", ["nvidia.yaml"]],
      ["/dev", ["nvidia0"]],
    ]);
    const evidence = evidenceFromListings(listed, [ada]);
    expect(evidence).toEqual({
      boundDrivers: { "0000:0a:00.0": "nvidia" },
      modules: nvidiaModules,
      deviceFiles: ["nvidia0"],
      drmNodes: { [ada.pciAddress]: ["card0", "renderD128"] },
      cdiFiles: ["nvidia.yaml"],
    });
    expect(evidence.modules, "a copy, which nobody else changes").not.toBe(listed.get("/sys/module"));
  });

  test.each([
    "Loading of unsigned module is rejected",
    "Loading of module with unavailable key is rejected",
    "nouveau: module verification failed: signature",
    "x: Unknown symbol y (err -2)",
    "x: disagrees about version of symbol y",
    "x: version magic '6.1' should be '6.2'",
  ])("keep a module's refusal: %s", (line) => expect(isGpuKernelLine(line)).toBe(true));
});
