import {
  BlockFilesystemType as Filesystem,
  BlockVolumePhase,
  BlockVolumeType,
} from "@/lib/talos/gen/resource/definitions/enums";
import { seededUuid } from "../random";
import { disks, discoveredVolumes, systemDisks, volumeStatuses } from "../resources/kinds/block";
import { mountStatuses } from "../resources/kinds/runtime";
import type { SimNode } from "./node";

const mebibyte = 1024 ** 2;
const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** A size in words as Talos writes it: one decimal below ten. */
function pretty(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[power] ?? ""}`;
}

type Partition = {
  label: "EFI" | "META" | "STATE" | "EPHEMERAL";
  sizeBytes: number;
  filesystem: Filesystem;
  /** What the probe calls its contents. */
  contents: string;
  mount: { targetPath: string; selinuxLabel: string; fileMode: number } | null;
};

/** What the installer makes of a disk. */
function partitionsOf(diskBytes: number): Partition[] {
  const fixed: Partition[] = [
    {
      label: "EFI",
      sizeBytes: 2200 * mebibyte,
      filesystem: Filesystem.FILESYSTEM_TYPE_VFAT,
      contents: "vfat",
      mount: null,
    },
    {
      label: "META",
      sizeBytes: mebibyte,
      filesystem: Filesystem.FILESYSTEM_TYPE_NONE,
      contents: "talosmeta",
      mount: null,
    },
    {
      label: "STATE",
      sizeBytes: 100 * mebibyte,
      filesystem: Filesystem.FILESYSTEM_TYPE_XFS,
      contents: "xfs",
      mount: { targetPath: "/system/state", selinuxLabel: "system_u:object_r:system_state_t:s0", fileMode: 0o700 },
    },
  ];
  // The partition table keeps a mebibyte at each end.
  const left = diskBytes - 2 * mebibyte - fixed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return [
    ...fixed,
    {
      label: "EPHEMERAL",
      sizeBytes: left,
      filesystem: Filesystem.FILESYSTEM_TYPE_XFS,
      contents: "xfs",
      mount: { targetPath: "/var", selinuxLabel: "system_u:object_r:ephemeral_t:s0", fileMode: 0o755 },
    },
  ];
}

/** The disk, and what an installation put on it. */
export function publishStorage(node: SimNode): void {
  const { resources, machine } = node;
  const { disk } = machine;
  const geometry = { sectorSize: 512, ioSize: 512 };
  resources.put(disks, disk.id, {
    ...geometry,
    devPath: disk.devPath,
    size: disk.sizeBytes,
    prettySize: pretty(disk.sizeBytes),
    model: disk.model,
    serial: disk.serial,
    wwid: disk.wwid,
    busPath: "/pci0000:00/0000:00:01.1/0000:05:00.0/nvme",
    subSystem: "/sys/class/block",
    transport: "nvme",
  });
  resources.put(discoveredVolumes, disk.id, {
    ...geometry,
    devPath: disk.devPath,
    type: "disk",
    devicePath: `/sys/class/block/${disk.id}`,
    size: disk.sizeBytes,
    prettySize: pretty(disk.sizeBytes),
    name: node.installed ? "gpt" : "",
    uuid: node.installed ? seededUuid(`gpt/${disk.serial}`) : "",
  });
  if (!node.installed) return;
  resources.put(systemDisks, "system-disk", { diskId: disk.id, devPath: disk.devPath });
  let offset = mebibyte;
  for (const [position, partition] of partitionsOf(disk.sizeBytes).entries()) {
    publishPartition(node, partition, position + 1, offset);
    offset += partition.sizeBytes;
  }
}

/** The volume cannot be brought up; a user's volume comes to be with that. */
export function failVolume(node: SimNode, volume: string): void {
  node.resources.put(volumeStatuses, volume, {
    phase: BlockVolumePhase.VOLUME_PHASE_FAILED,
    preFailPhase: BlockVolumePhase.VOLUME_PHASE_LOCATED,
    type: BlockVolumeType.VOLUME_TYPE_PARTITION,
    errorMessage: "filesystem type mismatch: vfat != xfs",
  });
  node.kmsg(
    `[talos] volume status {"component": "controller-runtime", "controller": "block.VolumeManagerController", "volume": "${volume}", "phase": "located -> failed", "error": "filesystem type mismatch: vfat != xfs"}`,
    "user",
    "warning",
  );
}

/** The fault is gone: the volume is as any other. */
export function mendVolume(node: SimNode, volume: string): void {
  node.resources.remove(volumeStatuses, volume);
  publishStorage(node);
}

function publishPartition(node: SimNode, partition: Partition, index: number, offset: number): void {
  const { resources, machine } = node;
  const { disk } = machine;
  const { label, sizeBytes, filesystem, contents, mount } = partition;
  const location = `${disk.devPath}p${index}`;
  const uuid = filesystem === Filesystem.FILESYSTEM_TYPE_NONE ? "" : seededUuid(`${label}/${disk.serial}`);
  const partitionUuid = seededUuid(`partition/${label}/${disk.serial}`);
  const sizes = { size: sizeBytes, prettySize: pretty(sizeBytes) };
  resources.put(volumeStatuses, label, {
    ...sizes,
    phase: BlockVolumePhase.VOLUME_PHASE_READY,
    type: BlockVolumeType.VOLUME_TYPE_PARTITION,
    location,
    mountLocation: location,
    partitionIndex: index,
    parentLocation: disk.devPath,
    uuid,
    partitionUuid,
    filesystem,
    ...(mount ? { mountSpec: mount } : {}),
  });
  if (mount)
    resources.put(mountStatuses, label, {
      source: location,
      target: mount.targetPath,
      filesystemType: contents,
    });
  resources.put(discoveredVolumes, `${disk.id}p${index}`, {
    ...sizes,
    sectorSize: 512,
    ioSize: 512,
    devPath: location,
    type: "partition",
    devicePath: `/sys/class/block/${disk.id}/${disk.id}p${index}`,
    parent: disk.id,
    parentDevPath: disk.devPath,
    offset,
    name: contents,
    uuid,
    label: filesystem === Filesystem.FILESYSTEM_TYPE_NONE ? "" : label,
    partitionUuid,
    partitionType: label === "EFI" ? "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" : "0fc63daf-8483-4772-8e79-3d69d8477de4",
    partitionLabel: label,
    partitionIndex: index,
  });
}
