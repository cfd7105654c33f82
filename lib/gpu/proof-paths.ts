import { gpuDriverNames } from "./drivers";
import type { GpuDevice } from "./schema";

/** COSI resources that the proof chain needs, by type; an absent one is normal on older releases. */
export const proofResources = [
  { type: "PCIDevices.hardware.talos.dev", namespace: "hardware" },
  { type: "ExtensionStatuses.runtime.talos.dev", namespace: "runtime" },
  // From 1.11; deprecated in 1.14 for the one below.
  { type: "LoadedKernelModules.runtime.talos.dev", namespace: "runtime" },
  { type: "KernelModuleStatuses.runtime.talos.dev", namespace: "runtime" },
  { type: "KernelModuleSpecs.runtime.talos.dev", namespace: "runtime" },
  { type: "ImageFactorySchematics.runtime.talos.dev", namespace: "runtime" },
] as const;

/** Drivers that may hold a card: those of GPUs, and the one that passes it through to a virtual machine. */
export const pciDrivers: readonly string[] = [...gpuDriverNames, "vfio-pci"];
const driverRoot = "/sys/bus/pci/drivers";
const drmRoot = (pciAddress: string): string => `/sys/bus/pci/devices/${pciAddress}/drm`;

/**
 * Directories to list (MachineService.List, one level, role os:reader): the live driver binding, modules on releases
 * without a resource for them, device files and CDI. A directory that does not exist is an empty one.
 */
export function proofListPaths(gpus: readonly GpuDevice[]): string[] {
  if (gpus.length === 0) return [];
  const drm = gpus.filter(({ vendor }) => vendor === "amd" || vendor === "intel");
  return [
    ...pciDrivers.map((driver) => `${driverRoot}/${driver}`),
    "/sys/module",
    "/dev",
    ...(drm.length > 0 ? ["/dev/dri"] : []),
    ...(gpus.some(({ vendor }) => vendor === "nvidia") ? ["/run/cdi"] : []),
    ...drm.map(({ pciAddress }) => drmRoot(pciAddress)),
  ];
}

export type ListedEvidence = {
  boundDrivers: Record<string, string> | null;
  modules: string[] | null;
  deviceFiles: string[] | null;
  drmNodes: Record<string, string[]> | null;
  cdiFiles: string[] | null;
};

const pciAddressPattern = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i;

/**
 * Turns directory listings (path → names in it; a path that could not be listed is absent, one that does not exist is
 * empty) into evidence. Null where nothing of a kind could be listed.
 */
export function evidenceFromListings(
  listings: ReadonlyMap<string, readonly string[]>,
  gpus: readonly GpuDevice[],
): ListedEvidence {
  const drivers = pciDrivers.filter((driver) => listings.has(`${driverRoot}/${driver}`));
  const bound: Record<string, string> = {};
  for (const driver of drivers) {
    for (const name of listings.get(`${driverRoot}/${driver}`) ?? []) {
      if (pciAddressPattern.test(name)) bound[name.toLowerCase()] = driver;
    }
  }
  const devices = listings.get("/dev");
  const drmNodes: Record<string, string[]> = {};
  for (const { pciAddress } of gpus) {
    const names = listings.get(drmRoot(pciAddress));
    if (names) drmNodes[pciAddress] = names.filter((name) => /^(?:card|renderD)\d+$/.test(name));
  }
  const list = (path: string) => listings.get(path)?.slice() ?? null;
  return {
    boundDrivers: drivers.length > 0 ? bound : null,
    modules: list("/sys/module"),
    deviceFiles: devices ? [...devices, ...(listings.get("/dev/dri") ?? []).map((name) => `dri/${name}`)] : null,
    drmNodes: Object.keys(drmNodes).length > 0 ? drmNodes : null,
    cdiFiles: list("/run/cdi"),
  };
}

/** The kernel's words for a module that it does not take (kernel/module/main.c, signing.c, version.c); some name no module. */
export const moduleRefusal =
  /Loading of .*(?:module|key).* is rejected|module verification failed|Unknown symbol|disagrees about version of symbol|version magic|error loading module/;

/** Kernel log lines worth keeping for the chain; the rest need not be held. */
export const isGpuKernelLine = (line: string): boolean =>
  /NVRM|nvidia|amdgpu|\bi915\b|\bxe\b[: ]/.test(line) || moduleRefusal.test(line);
