import { nvidiaProfile } from "./nvidia-profiles";
import type { GpuProfile, ProfileAddOn } from "./profile-schema";

const amdAddOn: ProfileAddOn = {
  id: "amd-gpu-operator",
  title: "AMD GPU operator",
  resources: ["amd.com/gpu"],
  namespace: "kube-amd-gpu",
  install: "helm install --wait --namespace kube-amd-gpu --create-namespace amd-gpu-operator rocm/gpu-operator-charts",
  values: { deviceConfig: { spec: { driver: { enable: false } } } },
  notes: ["Needs cert-manager. The driver is the extension's, so the DeviceConfig must have spec.driver.enable=false."],
};

const intelAddOn = (driver: "i915" | "xe"): ProfileAddOn => ({
  id: "intel-gpu-plugin",
  title: "Intel GPU device plugin",
  resources: [`gpu.intel.com/${driver}`],
  namespace: "intel-device-plugins",
  install:
    "helm install --wait --namespace intel-device-plugins --create-namespace intel-gpu-plugin intel/intel-device-plugins-gpu",
  values: {},
  notes: ["Needs the Intel device plugins operator and cert-manager."],
});

const amdProfile: GpuProfile = {
  id: "amd",
  name: "amd",
  summary: "AMD Radeon, Instinct and integrated graphics: the amdgpu driver with its firmware.",
  vendor: "amd",
  driver: { kind: "amdgpu" },
  // The arm64 variants of the DRM extensions are empty.
  architectures: ["amd64"],
  talos: { from: 9 },
  extensions: [
    { name: "siderolabs/amd-ucode", when: "always" },
    { name: "siderolabs/amdgpu", when: "always" },
  ],
  kernelModules: [],
  sysctls: [],
  kernelArgs: [],
  addOns: [amdAddOn],
};

/** The profiles that come with Ichor, in the order of the catalogue page. */
export const builtInProfiles: readonly GpuProfile[] = [
  nvidiaProfile("open", "production"),
  nvidiaProfile("open", "lts"),
  nvidiaProfile("proprietary", "production"),
  nvidiaProfile("proprietary", "lts"),
  amdProfile,
  {
    ...amdProfile,
    id: "amd-strix-halo",
    name: "amd-strix-halo",
    summary: "Ryzen AI Max (Strix Halo): amdgpu, tuned so that the GPU may use up to 128 GiB of system memory.",
    // Talos docs, AMD GPU page: IOMMU off, GTT and TTM limits of 128 GiB.
    kernelArgs: [{ arg: "amd_iommu=off" }, { arg: "amdgpu.gttsize=131072" }, { arg: "ttm.pages_limit=33554432" }],
  },
  {
    id: "intel-i915",
    name: "intel-i915",
    summary: "Intel integrated graphics up to Arrow Lake, Arc A-series and Flex: the i915 driver.",
    vendor: "intel",
    driver: { kind: "i915" },
    architectures: ["amd64"],
    talos: { from: 9 },
    extensions: [
      { name: "siderolabs/i915", when: "always" },
      { name: "siderolabs/intel-ucode", when: "always" },
      // The extension's README: prerequisite for discrete cards.
      { name: "siderolabs/mei", when: "intel-discrete" },
    ],
    kernelModules: [],
    sysctls: [],
    kernelArgs: [],
    addOns: [intelAddOn("i915")],
  },
  {
    id: "intel-xe",
    name: "intel-xe",
    summary: "Intel Lunar Lake, Panther Lake and Arc B-series: the xe driver, from Talos 1.12.",
    vendor: "intel",
    driver: { kind: "xe" },
    architectures: ["amd64"],
    talos: { from: 12 },
    extensions: [
      { name: "siderolabs/intel-ucode", when: "always" },
      { name: "siderolabs/mei", when: "always" },
      { name: "siderolabs/xe", when: "always" },
    ],
    kernelModules: [],
    sysctls: [],
    kernelArgs: [],
    addOns: [intelAddOn("xe")],
  },
  {
    id: "none",
    name: "none",
    summary: "No driver, on purpose: the GPU is left alone, for example for a virtual machine.",
    vendor: "none",
    driver: { kind: "none" },
    architectures: ["amd64", "arm64"],
    talos: { from: 9 },
    extensions: [],
    kernelModules: [],
    sysctls: [],
    kernelArgs: [],
    addOns: [],
  },
];

/** A built-in profile by its id. */
export const builtInProfile = (id: string): GpuProfile | undefined =>
  builtInProfiles.find((profile) => profile.id === id);

/** The built-in profiles that make way for these: those of the same vendors, and all of them for `none`. */
export function replacedBy(profiles: readonly GpuProfile[]): readonly GpuProfile[] {
  const vendors = new Set(profiles.map(({ vendor }) => vendor));
  return vendors.has("none") ? builtInProfiles : builtInProfiles.filter(({ vendor }) => vendors.has(vendor));
}
