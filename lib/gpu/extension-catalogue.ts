import { ownEntry } from "@/lib/core/own-entry";
import { firstKnownMinor, lastKnownMinor, parseTalosRelease } from "./talos-release";

/**
 * Release of Talos 1 (`minor.patch`) in which the Image Factory first offered each official extension. From 1.9 to 1.14
 * none was renamed or withdrawn (the factory's lists per stable release, as of 2026-08).
 */
const firstOffered: Readonly<Record<string, string>> = {
  "9.0": `amd-ucode amdgpu binfmt-misc bnx2-bnx2x btrfs chelsio-drivers chelsio-firmware cloudflared crun drbd dvb-cx23885
    ecr-credential-provider fuse3 gasket-driver glibc gvisor gvisor-debug hello-world-service i915 intel-ice-firmware
    intel-ucode iscsi-tools kata-containers lldpd mdadm mei metal-agent nonfree-kmod-nvidia-lts
    nonfree-kmod-nvidia-production nut-client nvidia-container-toolkit-lts nvidia-container-toolkit-production
    nvidia-fabricmanager-lts nvidia-fabricmanager-production nvidia-open-gpu-kernel-modules-lts
    nvidia-open-gpu-kernel-modules-production qemu-guest-agent qlogic-firmware realtek-firmware spin stargz-snapshotter
    tailscale thunderbolt uinput usb-modem-drivers util-linux-tools v4l-uvc-drivers vmtoolsd-guest-agent wasmedge
    xen-guest-agent zfs`,
  "10.0": "amazon-ena ctr nebula nfsd nvme-cli panfrost revpi-firmware vc4 xdma-driver zerotier",
  "10.1": "youki",
  "11.0": "dvb-m88ds3103 hailort newt nfsrahead tenstorrent",
  "12.0": `bird2 mellanox-mstflint multipath-tools netbird nfs-utils nvidia-gdrdrv-device soci-snapshotter
    trident-iscsi-tools usb-audio-drivers xe`,
  "12.2": "gpio-pinctrl",
  "13.0": "intel-npu joydev px-fuse rockchip-rknn uhid",
  "14.0": "harbor-credential-provider hyperv-guest-agent kata-containers-snp",
};

type Offer = { name: string; minor: number; patch: number };

const offers: readonly Offer[] = Object.entries(firstOffered).flatMap(([release, names]) => {
  const [minor = 0, patch = 0] = release.split(".").map(Number);
  return names.split(/\s+/).map((name) => ({ name: `siderolabs/${name}`, minor, patch }));
});
const offerByName = new Map(offers.map((offer) => [offer.name, offer]));

/**
 * Names that older releases used, and what the factory calls them now. It still takes them (image-factory `ExtensionNameAlias`), so
 * schematics of old go on with them; only for nvidia-fabricmanager it looks for a name that does not exist.
 */
export const renamedExtensions: Readonly<Record<string, string>> = {
  "siderolabs/amdgpu-firmware": "siderolabs/amdgpu",
  "siderolabs/i915-ucode": "siderolabs/i915",
  "siderolabs/gasket": "siderolabs/gasket-driver",
  "siderolabs/talos-vmtoolsd": "siderolabs/vmtoolsd-guest-agent",
  "siderolabs/usb-modem": "siderolabs/usb-modem-drivers",
  "siderolabs/v4l-uvc": "siderolabs/v4l-uvc-drivers",
  "siderolabs/xe-guest-utilities": "siderolabs/xen-guest-agent",
  "siderolabs/nvidia-container-toolkit": "siderolabs/nvidia-container-toolkit-lts",
  "siderolabs/nvidia-open-gpu-kernel-modules": "siderolabs/nvidia-open-gpu-kernel-modules-lts",
  "siderolabs/nonfree-kmod-nvidia": "siderolabs/nonfree-kmod-nvidia-lts",
  "siderolabs/nvidia-fabricmanager": "siderolabs/nvidia-fabricmanager-lts",
};

/** The extension that the factory builds in for a name in a schematic. */
export const currentExtensionName = (name: string): string => ownEntry(renamedExtensions, name) ?? name;

/** Does a release offer what a schematic names, be it by an old name? `offered` is the factory's list, or the catalogue's. */
export const isOffered = (name: string, offered: readonly string[]): boolean =>
  offered.includes(name) ||
  (name !== "siderolabs/nvidia-fabricmanager" && offered.includes(currentExtensionName(name)));

/** The official extensions of a Talos release, sorted; null for a release that the catalogue does not know. */
export function officialExtensionsOf(talosVersion: string): string[] | null {
  const release = parseTalosRelease(talosVersion);
  if (!release || release.minor < firstKnownMinor || release.minor > lastKnownMinor) return null;
  return offers
    .filter((offer) => offer.minor < release.minor || (offer.minor === release.minor && offer.patch <= release.patch))
    .map((offer) => offer.name)
    .sort();
}

/** First release that offers an extension (`v1.12.0`); null where the catalogue does not know it. */
export function firstReleaseOf(extension: string): string | null {
  const offer = offerByName.get(extension);
  return offer ? `v1.${offer.minor}.${offer.patch}` : null;
}
