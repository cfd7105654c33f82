import { builtInDrivers, gpuModelOf, type GpuModel, type PciDevice } from "./pci";
import { atLeast, nvidiaDriver } from "../factory/releases";

export type LoadedModule = { name: string; sizeBytes: number; referenceCount: number; dependencies: string[] };

/** What the kernel made of a machine's cards in one boot. */
export type DriverOutcome = {
  modules: LoadedModule[];
  /** PCI address → driver. */
  bindings: ReadonlyMap<string, string>;
  /** Kernel log lines (facility, priority, text), in order. */
  log: { priority: "info" | "notice" | "warning" | "err"; text: string }[];
  /** Names of device nodes below /dev. */
  deviceNodes: string[];
  /** `/proc/driver/nvidia/version`, where that driver is live. */
  nvidiaVersion: string | null;
  /** Drivers that have made no device nodes. */
  withoutNodes?: ReadonlySet<string>;
};

export type DriverInput = {
  release: string;
  pci: readonly PciDevice[];
  /** Names without `siderolabs/`. */
  extensions: readonly string[];
  /** Modules that the machine config asks for. */
  wantedModules: readonly string[];
  /** Faults. */
  blockedModules?: readonly string[];
};

type Card = { device: PciDevice; model: GpuModel };

const legacyNvidia = new Set(["pascal"]);

/**
 * Which modules end up live, and which card each binds to.
 * Rules: the NVIDIA open modules need a GPU System Processor, so Turing or later (NVIDIA open-gpu-kernel-modules README); the
 * proprietary ones do not drive Blackwell; branches after 580 dropped everything before Turing; i915 drives up to DG2, xe from
 * Battlemage on; NVIDIA's modules are blacklisted and load only when the machine config asks for them.
 */
export function bindDrivers(input: DriverInput): DriverOutcome {
  const outcome: DriverOutcome & { bindings: Map<string, string> } = {
    modules: [],
    bindings: new Map(),
    log: [],
    deviceNodes: [],
    nvidiaVersion: null,
  };
  const cards = input.pci.flatMap((device): Card[] => {
    const model = gpuModelOf(device);
    return model && model.family !== "bmc" ? [{ device, model }] : [];
  });
  for (const device of input.pci) {
    const driver = builtInDrivers[`${device.vendorId}:${device.productId}`];
    if (driver) outcome.bindings.set(device.address, driver);
  }
  for (const name of ["nvme", "nvme_core"])
    outcome.modules.push({ name, sizeBytes: 61_440, referenceCount: 2, dependencies: [] });
  bindNvidia(input, cards, outcome);
  bindOpenDriver(input, cards, outcome, "amdgpu", ({ model }) => model.vendorId === "1002", [
    "amdxcp",
    "drm_exec",
    "gpu_sched",
    "ttm",
  ]);
  bindOpenDriver(
    input,
    cards,
    outcome,
    "i915",
    ({ model }) => model.family === "intel-gen12" || model.family === "alchemist",
    ["drm_buddy", "ttm"],
  );
  if (atLeast(input.release, "1.12.0"))
    bindOpenDriver(input, cards, outcome, "xe", ({ model }) => model.family === "battlemage", [
      "drm_gpuvm",
      "gpu_sched",
      "ttm",
    ]);
  if (input.extensions.includes("mei") && cards.some(({ model }) => model.vendorId === "8086")) {
    for (const name of ["mei", "mei_me", "mei_gsc"])
      outcome.modules.push({ name, sizeBytes: 49_152, referenceCount: 1, dependencies: [] });
  }
  return outcome;
}

/** The kernel's words for a module whose signature it does not know (kernel/module/signing.c). */
const rejected = { priority: "err", text: "Loading of module with unavailable key is rejected" } as const;

function bindNvidia(
  input: DriverInput,
  cards: readonly Card[],
  outcome: DriverOutcome & { bindings: Map<string, string> },
): void {
  const open = input.extensions.find((name) => name.startsWith("nvidia-open-gpu-kernel-modules-"));
  const kmod = open ?? input.extensions.find((name) => name.startsWith("nonfree-kmod-nvidia-"));
  const wanted = input.wantedModules.filter((name) => name === "nvidia" || name.startsWith("nvidia_"));
  if (!kmod) {
    for (const name of wanted)
      outcome.log.push({
        priority: "warning",
        text: `[talos] controller failed {"component": "controller-runtime", "controller": "runtime.KernelModuleSpecController", "error": "1 error occurred:\\n\\t* error loading module \\"${name}\\": module not found\\n\\n"}`,
      });
    return;
  }
  if (!wanted.includes("nvidia")) return;
  if (input.blockedModules?.includes("nvidia")) {
    outcome.log.push(rejected, {
      priority: "warning",
      text: `[talos] controller failed {"component": "controller-runtime", "controller": "runtime.KernelModuleSpecController", "error": "1 error occurred:\\n\\t* error loading module \\"nvidia\\": load nvidia failed: key was rejected by service\\n\\n"}`,
    });
    return;
  }
  const driver = nvidiaDriver(input.release, kmod.endsWith("-lts") ? "lts" : "production");
  const branch = Number(driver.split(".")[0]);
  const nvidiaCards = cards.filter(({ model }) => model.vendorId === "10de");
  outcome.log.push({ priority: "info", text: "nvidia: loading out-of-tree module taints kernel." });
  outcome.log.push({
    priority: "info",
    text: "nvidia-nvlink: Nvlink Core is being initialized, major device number 239",
  });
  const bound: Card[] = [];
  for (const card of nvidiaCards) {
    const refusal = refusalOf(card, { open: open !== undefined, branch, driver });
    if (refusal) outcome.log.push(...refusal.map((text) => ({ priority: "err" as const, text })));
    else bound.push(card);
  }
  if (bound.length === 0) {
    outcome.log.push({ priority: "err", text: "NVRM: No NVIDIA GPU found." });
    outcome.log.push({ priority: "info", text: "nvidia-nvlink: Unregistered Nvlink Core, major device number 239" });
    return;
  }
  outcome.log.push({
    priority: "info",
    text: `NVRM: loading NVIDIA UNIX ${open ? "Open Kernel Module" : "x86_64 Kernel Module"} for x86_64  ${driver}  Release Build  (root@buildkitsandbox)`,
  });
  for (const [index, { device }] of bound.entries()) {
    outcome.bindings.set(device.address, "nvidia");
    outcome.log.push({ priority: "info", text: `nvidia ${device.address}: enabling device (0000 -> 0003)` });
    outcome.deviceNodes.push(`nvidia${index}`);
  }
  outcome.nvidiaVersion = `NVRM version: NVIDIA UNIX ${open ? "Open Kernel Module for x86_64" : "x86_64 Kernel Module"}  ${driver}  Release Build  (root@buildkitsandbox)`;
  outcome.deviceNodes.push("nvidiactl", "nvidia-modeset");
  if (wanted.includes("nvidia_uvm")) outcome.deviceNodes.push("nvidia-uvm", "nvidia-uvm-tools");
  for (const name of wanted) {
    if (input.blockedModules?.includes(name)) continue;
    outcome.modules.push({
      name,
      sizeBytes: name === "nvidia" ? 14_532_608 : 1_777_664,
      referenceCount: name === "nvidia" ? 12 : 2,
      dependencies: name === "nvidia" ? [] : ["nvidia"],
    });
  }
  if (wanted.includes("nvidia_drm")) outcome.deviceNodes.push(...drmNodes(outcome, bound.length));
}

/** Lines that the driver logs at once: one record, in which /dev/kmsg writes a line break as `\x0a`. */
const record = (...lines: string[]): string => lines.map((line) => `NVRM: ${line}`).join("\\x0a");

function refusalOf(
  { device, model }: Card,
  nvidia: { open: boolean; branch: number; driver: string },
): string[] | null {
  const ids = `(PCI ID: ${model.vendorId}:${model.productId})`;
  if (nvidia.open && legacyNvidia.has(model.family)) {
    return [
      record(
        `The NVIDIA GPU ${device.address} ${ids}`,
        "installed in this system is not supported by open",
        "nvidia.ko because it does not include the required GPU",
        "System Processor (GSP).",
      ),
      `nvidia ${device.address}: probe with driver nvidia failed with error -1`,
    ];
  }
  const tooOld = legacyNvidia.has(model.family) && nvidia.branch > 580;
  const tooNew = model.family === "blackwell" && (!nvidia.open || nvidia.branch < 570);
  if (!tooOld && !tooNew) return null;
  return [
    record(
      `The NVIDIA GPU ${device.address} ${ids}`,
      "installed in this system is not supported by the",
      `NVIDIA ${nvidia.driver} driver release.`,
    ),
    `nvidia ${device.address}: probe with driver nvidia failed with error -1`,
  ];
}

function bindOpenDriver(
  input: DriverInput,
  cards: readonly Card[],
  outcome: DriverOutcome & { bindings: Map<string, string> },
  driver: "amdgpu" | "i915" | "xe",
  drives: (card: Card) => boolean,
  dependencies: string[],
): void {
  const driven = cards.filter(drives);
  if (!input.extensions.includes(driver) || driven.length === 0) return;
  if (input.blockedModules?.includes(driver)) {
    outcome.log.push(rejected);
    return;
  }
  outcome.modules.push({ name: driver, sizeBytes: 11_980_800, referenceCount: driven.length, dependencies });
  for (const name of dependencies)
    outcome.modules.push({ name, sizeBytes: 98_304, referenceCount: 1, dependencies: [] });
  for (const { device, model } of driven) {
    outcome.bindings.set(device.address, driver);
    outcome.log.push({ priority: "info", text: `${driver} ${device.address}: [drm] ${model.marketing} initialized` });
  }
  outcome.deviceNodes.push(...drmNodes(outcome, driven.length));
  if (driver === "amdgpu") outcome.deviceNodes.push("kfd");
}

function drmNodes(outcome: DriverOutcome, count: number): string[] {
  const taken = outcome.deviceNodes.filter((name) => name.startsWith("dri/card")).length;
  return Array.from({ length: count }, (_, index) => [
    `dri/card${taken + index}`,
    `dri/renderD${128 + taken + index}`,
  ]).flat();
}
