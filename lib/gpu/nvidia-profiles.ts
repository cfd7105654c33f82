import type { NvidiaChannel } from "./driver-branches";
import type { GpuProfile, ProfileAddOn } from "./profile-schema";

/** Kubernetes side of NVIDIA: the GPU operator from Talos 1.13 (CDI), the plain device plugin before. */
const addOns: ProfileAddOn[] = [
  {
    id: "nvidia-gpu-operator",
    title: "NVIDIA GPU operator",
    talos: { from: 13 },
    resources: ["nvidia.com/gpu"],
    namespace: "gpu-operator",
    install:
      "helm install --wait --namespace gpu-operator gpu-operator nvidia/gpu-operator --set driver.enabled=false --set toolkit.enabled=false --set hostPaths.driverInstallDir=/usr/local",
    values: {
      driver: { enabled: false },
      toolkit: { enabled: false },
      hostPaths: { driverInstallDir: "/usr/local" },
    },
    notes: [
      "Chart v26.3.1 or newer. Its namespace needs the label pod-security.kubernetes.io/enforce=privileged.",
      "Coming from Talos 1.12: uninstall the nvidia-device-plugin release and delete the RuntimeClass nvidia first.",
    ],
  },
  {
    id: "nvidia-device-plugin",
    title: "NVIDIA device plugin",
    talos: { until: 13 },
    resources: ["nvidia.com/gpu"],
    namespace: "kube-system",
    install:
      "helm install --wait --namespace kube-system nvidia-device-plugin nvdp/nvidia-device-plugin --set runtimeClassName=nvidia",
    values: { runtimeClassName: "nvidia" },
    notes: ["Needs the RuntimeClass nvidia with the handler nvidia."],
  },
];

const flavourTitle = { open: "open kernel modules", proprietary: "proprietary kernel modules" } as const;
const channelTitle = { production: "production branch", lts: "long-term branch" } as const;
const summary = {
  open: "Turing and newer; the only way for Blackwell.",
  proprietary: "Maxwell to Hopper as far as the branch still knows them; never Blackwell.",
} as const;

/**
 * One NVIDIA profile. The modules are blacklisted by the extension, so they load only because the machine config names
 * them; the sysctl is the pre-CDI container toolkit's (Talos docs for 1.12 and older, gone from those for 1.13).
 */
export function nvidiaProfile(flavour: "open" | "proprietary", channel: NvidiaChannel): GpuProfile {
  const modules = flavour === "open" ? "nvidia-open-gpu-kernel-modules" : "nonfree-kmod-nvidia";
  return {
    id: `nvidia-${flavour}-${channel}`,
    name: `nvidia-${flavour}-${channel}`,
    summary: `NVIDIA ${flavourTitle[flavour]}, ${channelTitle[channel]}. ${summary[flavour]}`,
    vendor: "nvidia",
    driver: { kind: "nvidia", flavour, channel },
    architectures: ["amd64", "arm64"],
    talos: { from: 9 },
    extensions: [
      { name: `siderolabs/${modules}-${channel}`, when: "always" },
      { name: `siderolabs/nvidia-container-toolkit-${channel}`, when: "always" },
      { name: `siderolabs/nvidia-fabricmanager-${channel}`, when: "nvswitch" },
    ],
    kernelModules: ["nvidia", "nvidia_uvm", "nvidia_drm", "nvidia_modeset"].map((name) => ({ name, parameters: [] })),
    sysctls: [{ key: "net.core.bpf_jit_harden", value: "1", talos: { until: 13 } }],
    kernelArgs: [],
    addOns,
  };
}
