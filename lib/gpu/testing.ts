import { expect } from "vitest";
import { gpuFromIds } from "./detect";
import { builtInProfile } from "./profiles";
import { proveGpu } from "./proof-chain";
import type { GpuEvidence } from "./proof-evidence";
import { type GpuDevice, type GpuProof, gpuProof, proofLinkIds } from "./schema";

export const gpu = (ids: string, index = 0): GpuDevice => {
  const found = gpuFromIds(ids, index);
  if (!found) throw new Error(`${ids} is no GPU`);
  return found;
};
export const profile = (id: string) => {
  const found = builtInProfile(id);
  if (!found) throw new Error(`no profile ${id}`);
  return found;
};

export const ada = gpu("10de:2684");
export const second = gpu("10de:2684", 1);
export const pascal = gpu("10de:1b06");
export const nvidiaModules = ["nvidia", "nvidia_uvm", "nvidia_drm", "nvidia_modeset"];

/** A node on which an Ada card works with the open production profile. */
export const working = (over: Partial<GpuEvidence> = {}): GpuEvidence => ({
  talosVersion: "v1.14.0",
  arch: "amd64",
  gpus: [ada],
  nvSwitch: false,
  profiles: [profile("nvidia-open-production")],
  runningSchematic: {
    id: "6698d6f136c5bb37ca8bb8482c9084305084da0a5ead1f4dcae760796f8ab3a2",
    extensions: [
      "siderolabs/nvidia-container-toolkit-production",
      "siderolabs/nvidia-open-gpu-kernel-modules-production",
    ],
  },
  extensions: [
    { name: "nvidia-container-toolkit-production", version: "595.91.07-v1.19.1" },
    { name: "nvidia-open-gpu-kernel-modules-production", version: "595.91.07-v1.14.0" },
  ],
  modules: ["ext4", ...nvidiaModules],
  configModules: nvidiaModules,
  waiting: [],
  boundDrivers: { [ada.pciAddress]: "nvidia" },
  deviceFiles: ["nvidia0", "nvidiactl", "nvidia-uvm"],
  drmNodes: null,
  cdiFiles: ["nvidia.yaml"],
  allocatable: { cpu: "8", "nvidia.com/gpu": "1" },
  kernelLog: [],
  ...over,
});

/** Proves one card of that node, or of one that differs from it. */
export const prove = (over: Partial<GpuEvidence> = {}, card: GpuDevice = ada): GpuProof => {
  const proof = proveGpu(card, working({ gpus: [card], ...over }));
  expect(gpuProof.parse(proof)).toEqual(proof);
  expect(proof.links.map(({ id }) => id)).toEqual(proofLinkIds);
  return proof;
};
export const states = (proof: GpuProof) => proof.links.map(({ state }) => state);

export const radeon = gpu("1002:744c");
/** What differs on a node on which a Radeon works. */
export const amd: Partial<GpuEvidence> = {
  profiles: [profile("amd")],
  runningSchematic: { id: "9c1d1b442d73f96d", extensions: ["siderolabs/amd-ucode", "siderolabs/amdgpu"] },
  extensions: [
    { name: "amd-ucode", version: "20260811" },
    { name: "amdgpu", version: "20260811-v1.14.0" },
  ],
  modules: ["amdgpu"],
  boundDrivers: { [radeon.pciAddress]: "amdgpu" },
  deviceFiles: ["kfd", "dri/renderD128"],
  drmNodes: null,
  allocatable: { "amd.com/gpu": "1" },
};
