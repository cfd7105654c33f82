import { currentExtensionName } from "./extension-catalogue";
import type { ProfileDriver } from "./profile-schema";
import type { GpuDevice, GpuVendor } from "./schema";

export type GpuDriver = Exclude<ProfileDriver["kind"], "none">;

/** A device file that a container needs: of the card itself (a DRM node), or of the driver. */
export type DeviceNode = {
  name: string;
  pattern: RegExp;
  of: "card" | "driver";
};

export type DriverFacts = {
  vendor: Exclude<GpuVendor, "other">;
  /** The extension that carries it, without `siderolabs/`. */
  extension: RegExp;
  /** NVIDIA's extension keeps its modules from loading by themselves; udev loads the others for their cards. */
  loadedBy: "machine-config" | "udev";
  /** Modules without which no card works. */
  modules: readonly string[];
  /** All modules that are part of it. */
  family: RegExp;
  deviceNodes: readonly DeviceNode[];
  /** CDI specifications that Talos' services write from 1.13 on. */
  cdi: { name: string; pattern: RegExp } | null;
  /** Services of its extensions that tell of trouble with the device nodes. */
  services: readonly string[];
  /** Kubernetes resources under which its cards are allocatable. */
  resources: RegExp;
};

const renderNode: DeviceNode = { name: "/dev/dri/renderD*", pattern: /renderD\d+$/, of: "card" };

/**
 * Extension → modules → driver → device nodes → Kubernetes resources, the one table that the proof chain and the proof of an
 * upgrade work with. Sources: the manifests of siderolabs/extensions (modules, services), the vendors' device plugins (resources).
 */
export const gpuDrivers: Readonly<Record<GpuDriver, DriverFacts>> = {
  nvidia: {
    vendor: "nvidia",
    extension: /^(?:nvidia-open-gpu-kernel-modules|nonfree-kmod-nvidia)(?:-|$)/,
    loadedBy: "machine-config",
    modules: ["nvidia", "nvidia_uvm"],
    family: /^nvidia(?:_(?:uvm|drm|modeset|peermem|fs))?$/,
    deviceNodes: [
      { name: "/dev/nvidia0", pattern: /^nvidia\d+$/, of: "driver" },
      { name: "/dev/nvidiactl", pattern: /^nvidiactl$/, of: "driver" },
    ],
    cdi: { name: "/run/cdi/nvidia.yaml", pattern: /^nvidia.*\.(?:ya?ml|json)$/ },
    services: ["ext-nvidia-persistenced", "ext-nvidia-cdi-gen"],
    // Time slices and parts of a card have names of their own.
    resources: /^nvidia\.com\/(?:gpu(?:\.shared)?|mig-.+)$/,
  },
  amdgpu: {
    vendor: "amd",
    extension: /^amdgpu$/,
    loadedBy: "udev",
    modules: ["amdgpu"],
    family: /^amdgpu$/,
    deviceNodes: [renderNode, { name: "/dev/kfd", pattern: /^kfd$/, of: "driver" }],
    cdi: null,
    services: [],
    resources: /^amd\.com\/(?!.*monitoring).+$/,
  },
  i915: {
    vendor: "intel",
    extension: /^i915$/,
    loadedBy: "udev",
    modules: ["i915"],
    family: /^i915$/,
    deviceNodes: [renderNode],
    cdi: null,
    services: [],
    resources: /^gpu\.intel\.com\/i915$/,
  },
  xe: {
    vendor: "intel",
    extension: /^xe$/,
    loadedBy: "udev",
    modules: ["xe"],
    family: /^xe$/,
    deviceNodes: [renderNode],
    cdi: null,
    services: [],
    resources: /^gpu\.intel\.com\/xe$/,
  },
};

export const gpuDriverNames = Object.keys(gpuDrivers) as GpuDriver[];

/** The driver of that name, if it is one of a GPU (`vfio-pci` is none). */
export const gpuDriverOf = (name: string | null | undefined): GpuDriver | null =>
  gpuDriverNames.find((driver) => driver === name) ?? null;

/** `siderolabs/i915-ucode` → `i915`: the name under which the node loads it. */
export const bareExtension = (name: string): string => {
  const current = currentExtensionName(name.includes("/") ? name : `siderolabs/${name}`);
  return current.slice(current.lastIndexOf("/") + 1);
};

/** Drivers that a list of extensions brings, old names included. */
export function driversIn(extensions: readonly string[]): GpuDriver[] {
  const names = extensions.map(bareExtension);
  return gpuDriverNames.filter((driver) => names.some((name) => gpuDrivers[driver].extension.test(name)));
}

/** Drivers for a card's vendor among the extensions of an image. */
export const driversForCard = (gpu: Pick<GpuDevice, "vendor">, extensions: readonly string[]): GpuDriver[] =>
  driversIn(extensions).filter((driver) => gpuDrivers[driver].vendor === gpu.vendor);

/** Module names are told with either sign: `nvidia-uvm` is `nvidia_uvm`. */
export const moduleName = (name: string): string => name.replaceAll("-", "_");
