import { gpuVendorIds, isConsoleVga, lookUpGpu } from "./pci-catalogue";
import type { GpuDevice } from "./schema";

/** A PCI function as Talos' `PCIDevices.hardware.talos.dev` describes it; ids are hex, with or without `0x`. */
export type PciFunction = {
  /** Resource id: the PCI address, `0000:41:00.0`. */
  id: string;
  classId: string;
  subclassId: string;
  vendorId: string;
  productId: string;
  /** Names from the node's own PCI database; may be empty. */
  vendor?: string;
  product?: string;
  /** Since Talos 1.10; empty where none is bound. */
  driver?: string;
};

/** Lower-case hex without `0x`, padded to `digits`; empty where the text is no hex number. */
function hex(text: string, digits: number): string {
  const bare = text.trim().toLowerCase().replace(/^0x/, "");
  return /^[0-9a-f]{1,8}$/.test(bare) ? bare.padStart(digits, "0").slice(-digits) : "";
}

/** Text from a node as it may be shown: no control characters, at most 80 characters. */
const shown = (text: string | undefined): string =>
  (text ?? "")
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "")
    .trim()
    .slice(0, 80);

/** `0000000F:01:00.0` (as NVIDIA's tools write it, and GB10 has another domain than 0) → `000f:01:00.0`, as sysfs does. */
const pciAddress = (id: string): string => id.toLowerCase().replace(/^0{1,4}([0-9a-f]{4}:)/, "$1");

/** `GP102 [GeForce GTX 1080 Ti]` → `GeForce GTX 1080 Ti`. */
const marketingName = (product: string): string => /\[([^\]]+)\]\s*$/.exec(product)?.[1] ?? product;

function isGpu(classId: string, vendorId: string, deviceId: string): boolean {
  if (isConsoleVga(vendorId, deviceId)) return false;
  if (classId === "03") return true;
  // Instinct cards may call themselves processing accelerators; Intel's devices of that class are NPUs, not GPUs.
  return classId === "12" && vendorId in gpuVendorIds && vendorId !== "8086";
}

/**
 * The GPUs (PCI class 0x03) and accelerators (class 0x12) among a node's PCI functions, sorted by address. Displays of
 * board management controllers and virtual machines are left out.
 */
export function gpusFromPci(functions: readonly PciFunction[]): GpuDevice[] {
  const gpus: GpuDevice[] = [];
  for (const fn of functions) {
    const vendorId = hex(fn.vendorId, 4);
    const deviceId = hex(fn.productId, 4);
    if (!vendorId || !deviceId || !isGpu(hex(fn.classId, 2), vendorId, deviceId)) continue;
    const known = lookUpGpu(vendorId, deviceId);
    gpus.push({
      pciAddress: pciAddress(shown(fn.id)),
      vendor: gpuVendorIds[vendorId] ?? "other",
      vendorId,
      deviceId,
      model: known.model ?? (marketingName(shown(fn.product)) || `${vendorId}:${deviceId}`),
      generation: known.generation,
      chip: known.chip,
      driver: shown(fn.driver) || null,
    });
  }
  return gpus.sort((a, b) => (a.pciAddress < b.pciAddress ? -1 : 1));
}

/** A GPU from its ids alone, `10de:1b06`, for questions about cards that no node has; null where the text is no such pair. */
export function gpuFromIds(ids: string, index = 0): GpuDevice | null {
  const [vendorId = "", productId = "", ...rest] = ids.trim().toLowerCase().split(":");
  if (rest.length > 0 || !/^(0x)?[0-9a-f]{4}$/.test(vendorId) || !/^(0x)?[0-9a-f]{4}$/.test(productId)) return null;
  const id = `0000:${(index + 1).toString(16).padStart(2, "0")}:00.0`;
  return gpusFromPci([{ id, classId: "03", subclassId: "00", vendorId, productId }])[0] ?? null;
}

/** True where an NVSwitch is on the bus (class 0x0680, vendor NVIDIA): its GPUs need the fabric manager. */
export const hasNvSwitch = (functions: readonly PciFunction[]): boolean =>
  functions.some(
    (fn) => hex(fn.vendorId, 4) === "10de" && hex(fn.classId, 2) === "06" && hex(fn.subclassId, 2) === "80",
  );
