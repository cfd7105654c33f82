import { amdCatalogue } from "./amd-catalogue";
import { nvidiaChip } from "./generation";
import { intelCatalogue } from "./intel-catalogue";
import nvidiaNames from "./nvidia-names.json";
import type { GpuVendor } from "./schema";

/** Device ids (lower-case hex, space between), short name, generation, chip. */
export type CatalogueRow = readonly [ids: string, model: string, generation: string, chip: string];

export type CatalogueEntry = { model: string | null; generation: string | null; chip: string | null };

/** PCI vendor ids that make GPUs or other accelerators for which a Talos extension exists. */
export const gpuVendorIds: Readonly<Record<string, GpuVendor>> = {
  "10de": "nvidia",
  "1002": "amd",
  "8086": "intel",
  "1e52": "other",
  "1e60": "other",
};

/** Makers of display devices of board management controllers and of virtual machines alone: not GPUs. */
const displayOnlyVendors: ReadonlySet<string> = new Set([
  "1a03", // ASPEED
  "102b", // Matrox
  "1af4", // virtio
  "1b36", // QXL
  "1234", // QEMU, Bochs
  "15ad", // VMware
  "80ee", // VirtualBox
  "1414", // Hyper-V
  "1013", // Cirrus
  "19e5", // Hibmc
  "126f", // Silicon Motion
  "1d0f", // Amazon EC2
  "18ca", // XGI Volari Z7/Z9 of server boards
  "5333", // S3
  "1023", // Trident
  "1039", // SiS
  "1ab8", // Parallels
  "5853", // Xen
  "fb5d", // bhyve
]);

/** VGA that server boards have soldered on, of makers of GPUs: ATI's ES1000, Rage XL and Rage IIC. */
const onboardVga: Readonly<Record<string, ReadonlySet<string>>> = {
  "1002": new Set("515e 5969 4752 474c 474d 474e 474f 4753 4756 4757 4759 475a 4c52".split(" ")),
};

/** True for a display device that is there for a console, not for work: nothing of it can be proven. */
export const isConsoleVga = (vendorId: string, deviceId: string): boolean =>
  displayOnlyVendors.has(vendorId) || (onboardVga[vendorId]?.has(deviceId) ?? false);

function index(rows: readonly CatalogueRow[]): ReadonlyMap<string, CatalogueEntry> {
  const byId = new Map<string, CatalogueEntry>();
  for (const [ids, model, generation, chip] of rows) {
    for (const id of ids.split(" ")) byId.set(id, { model, generation, chip });
  }
  return byId;
}

const amd = index(amdCatalogue);
const intel = index(intelCatalogue);
const nvidia = new Map(Object.entries(nvidiaNames).flatMap(([name, ids]) => ids.split(" ").map((id) => [id, name])));
const accelerators: Readonly<Record<string, string>> = {
  "1e52:faca": "Tenstorrent Grayskull",
  "1e52:401e": "Tenstorrent Wormhole",
  "1e52:b140": "Tenstorrent Blackhole",
  "1e60:2864": "Hailo-8",
};

const unknownEntry: CatalogueEntry = { model: null, generation: null, chip: null };

/** What is known of a device by its vendor and device id (lower-case hex without 0x); unknown parts are null. */
export function lookUpGpu(vendorId: string, deviceId: string): CatalogueEntry {
  switch (gpuVendorIds[vendorId]) {
    case "nvidia": {
      const chip = nvidiaChip(deviceId);
      return { model: nvidia.get(deviceId) ?? null, generation: chip?.generation ?? null, chip: chip?.chip ?? null };
    }
    case "amd":
      return amd.get(deviceId) ?? unknownEntry;
    case "intel":
      return intel.get(deviceId) ?? unknownEntry;
    default:
      return { ...unknownEntry, model: accelerators[`${vendorId}:${deviceId}`] ?? null };
  }
}
