import type { Architecture, GpuProfile } from "./profile-schema";
import type { GpuDevice } from "./schema";

/** What was read from a node and its cluster about GPUs. Null = could not be read, which is never the same as empty. */
export type GpuEvidence = {
  talosVersion: string | null;
  arch: Architecture;
  /** All GPUs on the bus (`gpusFromPci`). */
  gpus: readonly GpuDevice[];
  nvSwitch: boolean;
  /** Profiles that are assigned to the node. */
  profiles: readonly GpuProfile[];
  /** The schematic that the node says it booted, and the extensions in it where its document is known. */
  runningSchematic: { id: string; extensions: readonly string[] | null } | null;
  /** `ExtensionStatuses.runtime.talos.dev`, names as in their manifests: `nonfree-kmod-nvidia-lts`. */
  extensions: readonly { name: string; version: string }[] | null;
  /** Kernel modules that are live or built in. */
  modules: readonly string[] | null;
  /** Modules that the machine config asks for (`KernelModuleSpecs`, which os:reader may see). */
  configModules: readonly string[] | null;
  /** Services that have not come up, with what they wait for in their own words. */
  waiting: readonly { id: string; state: string; message: string }[];
  /** PCI address → driver, from /sys/bus/pci/drivers: only there it is current (`PCIDevices` is scanned once). */
  boundDrivers: Readonly<Record<string, string>> | null;
  /** Names under /dev: `nvidia0`, `nvidiactl`, `kfd`, `dri/renderD128`. */
  deviceFiles: readonly string[] | null;
  /** PCI address → DRM nodes of that card: `card0`, `renderD128`. */
  drmNodes: Readonly<Record<string, readonly string[]>> | null;
  /** Names under /run/cdi. */
  cdiFiles: readonly string[] | null;
  /** The Kubernetes node's allocatable resources. */
  allocatable: Readonly<Record<string, string>> | null;
  /** Lines of the kernel log since boot, oldest first, without priority prefix. */
  kernelLog: readonly string[];
};

/** A verdict that the kernel log gives. */
export type KernelVerdict =
  "needs-proprietary" | "branch-dropped" | "fell-off-bus" | "versions-differ" | "no-gpu-found" | "firmware";

// Matched against whole messages: NVIDIA breaks each over several lines.
const verdictPatterns: readonly (readonly [KernelVerdict, RegExp])[] = [
  ["needs-proprietary", /NVRM:.*(?:not supported by open nvidia\.ko|required GPU System Processor)/],
  [
    "branch-dropped",
    /NVRM:.*(?:not supported by the NVIDIA [\d.]+ driver|supported through the NVIDIA [\d.xX]+ Legacy)/i,
  ],
  ["fell-off-bus", /(?:NVRM|NVRM: Xid).*fallen off the bus/],
  ["versions-differ", /NVRM: API mismatch/],
  ["no-gpu-found", /NVRM: No NVIDIA GPU found/],
  [
    "firmware",
    /(?:amdgpu|i915|xe) [0-9a-f:.]+:.*(?:failed to load .*firmware|GuC.*fail|Fatal error during GPU init|probe .* failed)/i,
  ],
];

type Card = Pick<GpuDevice, "pciAddress" | "vendor">;

const maxLines = 5;
const maxLineLength = 300;

const shortAddress = (address: string): string => address.toLowerCase().replace(/^0{1,4}(?=[0-9a-f]{4}:)/, "");

/** Lines that concern one card: those with its PCI address, and NVIDIA's lines without any address. */
function concerns(line: string, gpu: Card): boolean {
  // NVIDIA writes the domain with eight digits, too; it is not 0 on every board.
  const addresses = line.match(/(?<![0-9a-f])[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}(?:\.[0-7])?/gi);
  if (!addresses) return gpu.vendor === "nvidia" && line.includes("NVRM");
  return addresses.some((address) => gpu.pciAddress.startsWith(shortAddress(address)));
}

const shown = (line: string): string =>
  line
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "")
    .trim()
    .slice(0, maxLineLength);

/**
 * A message on one line. The kernel logs NVIDIA's lines as one record, in which Talos gives a line break as `\x0a`; each line
 * begins with the driver's own prefix again.
 */
const joined = (record: string): string => record.replaceAll(/\\x0a(?:NVRM:)?\s*/g, " ");

/** The newest kernel log lines that tell what is wrong with a card, verbatim but capped, and what they amount to. */
export function kernelVerdicts(
  kernelLog: readonly string[],
  gpu: Card,
): { verdicts: Set<KernelVerdict>; lines: string[] } {
  const verdicts = new Set<KernelVerdict>();
  const lines: string[] = [];
  const messages = kernelLog.map(joined);
  messages.forEach((line, index) => {
    if (!concerns(line, gpu)) return;
    const found = verdictPatterns.find(([, pattern]) => pattern.test(line));
    if (!found && !/NVRM: Xid/.test(line)) return;
    if (found) verdicts.add(found[0]);
    // NVIDIA breaks its sentence over several lines; the line before names the card.
    const before = messages[index - 1];
    if (found?.[0] === "needs-proprietary" && before?.includes("NVRM") && !lines.includes(shown(before)))
      lines.push(shown(before));
    if (!lines.includes(shown(line))) lines.push(shown(line));
  });
  return { verdicts, lines: lines.slice(-maxLines) };
}
