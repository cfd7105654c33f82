import { type AssetId, assetIds, assetUrl, type AssetTarget, installerImage } from "@/lib/image-factory/asset-urls";
import { chainCommand, ipxeEndpoint } from "./ipxe";
import type { MediaLink } from "./schema";

export type MediaTarget = AssetTarget & {
  /** Address under which machines reach Ichor; without it there are no scripts of ours. */
  ichorUrl?: string | undefined;
  /** Platform that the machine runs on, for the installer images; bare metal by default. */
  platform?: string | null;
};

const descriptions: Record<AssetId, readonly [title: string, description: string]> = {
  iso: ["ISO image", "Write it to a USB stick or mount it through the BMC."],
  "secureboot-iso": ["SecureBoot ISO image", "The same, signed. The firmware must be in setup mode to take the keys."],
  "disk-image": ["Raw disk image", "Write it to the system disk; it boots installed. Unpack it with zstd first."],
  qcow2: ["QCOW2 disk image", "Disk of a virtual machine under QEMU or Proxmox."],
  uki: ["Unified kernel image", "One EFI file with kernel, initramfs and arguments, for UEFI HTTP boot."],
  "secureboot-uki": ["SecureBoot unified kernel image", "The same, signed."],
  kernel: ["Kernel", "For a boot loader of your own, together with initramfs and command line."],
  initramfs: ["Initramfs", "Holds the system extensions."],
  cmdline: ["Kernel command line", "Holds the kernel arguments of the schematic."],
  pxe: ["PXE script", "Chain to it from iPXE; it needs an iPXE that speaks the factory's HTTPS."],
  "secureboot-pxe": ["SecureBoot PXE script", "The same, with the signed unified kernel image."],
};

const scripted = (asset: AssetId): boolean => asset === "pxe" || asset === "secureboot-pxe";

/**
 * All ways to boot and install one schematic, Talos release and architecture. Pure.
 * @throws AppError `invalid-input` for a bad ID or version.
 */
export function mediaLinks(target: MediaTarget): MediaLink[] {
  const assets = assetIds.map((asset): MediaLink => {
    const value = assetUrl(asset, target);
    const [title, description] = descriptions[asset];
    const kind = scripted(asset) ? "script" : "download";
    return {
      id: asset,
      title,
      description,
      kind,
      value,
      fileName: kind === "download" ? (value.split("/").at(-1) ?? null) : null,
    };
  });
  const installer = (secureboot: boolean): MediaLink => ({
    id: secureboot ? "installer-secureboot" : "installer",
    title: secureboot ? "SecureBoot installer image" : "Installer image",
    description: "For machine.install.image, and for talosctl upgrade --image.",
    kind: "reference",
    value: installerImage({ ...target, secureboot }),
    fileName: null,
  });
  return [...assets, installer(false), installer(true), ...(target.ichorUrl ? ownScripts(target.ichorUrl) : [])];
}

function ownScripts(ichorUrl: string): MediaLink[] {
  const describe = "Picks each machine's own image by its UUID or MAC address, and can serve it over plain HTTP.";
  return [
    {
      id: "ipxe-script",
      title: "Ichor's iPXE script",
      description: describe,
      kind: "script",
      value: ipxeEndpoint(ichorUrl),
      fileName: null,
    },
    {
      id: "ipxe-chain",
      title: "iPXE command",
      description: "For an iPXE prompt, or an embedded script.",
      kind: "script",
      value: chainCommand(ichorUrl),
      fileName: null,
    },
  ];
}
