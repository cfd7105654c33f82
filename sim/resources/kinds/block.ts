import * as message from "@/lib/talos/gen/resource/definitions/block";
import {
  BlockEncryptionProviderType as Encryption,
  BlockFilesystemType as Filesystem,
  BlockVolumePhase as Phase,
  BlockVolumeType as VolumeType,
} from "@/lib/talos/gen/resource/definitions/enums";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

const namespace = "runtime";

/** The names that Talos writes are the last word of those in its protobuf: `VOLUME_PHASE_READY` → `ready`. */
const lastWord = (name: string | undefined): string =>
  (name ?? "").slice((name ?? "").lastIndexOf("_") + 1).toLowerCase();
/** `swapi` is Talos' own spelling. */
const filesystemText = (value: Filesystem): string =>
  value === Filesystem.FILESYSTEM_TYPE_SWAP ? "swapi" : lastWord(Filesystem[value]);

export const disks = defineKind({
  type: "Disks.block.talos.dev",
  namespace,
  owner: "block.DisksController",
  message: message.DiskSpec,
  yaml: (spec) => ({
    dev_path: spec.devPath,
    size: spec.size,
    pretty_size: spec.prettySize,
    io_size: spec.ioSize,
    sector_size: spec.sectorSize,
    readonly: spec.readonly,
    cdrom: spec.cdrom,
    model: omitEmpty(spec.model),
    firmware_version: omitEmpty(spec.firmwareVersion),
    serial: omitEmpty(spec.serial),
    modalias: omitEmpty(spec.modalias),
    wwid: omitEmpty(spec.wwid),
    uuid: omitEmpty(spec.uuid),
    bus_path: omitEmpty(spec.busPath),
    sub_system: omitEmpty(spec.subSystem),
    transport: omitEmpty(spec.transport),
    rotational: omitEmpty(spec.rotational),
    secondary_disks: omitEmpty(spec.secondaryDisks),
    symlinks: omitEmpty(spec.symlinks),
  }),
});

export const systemDisks = defineKind({
  type: "SystemDisks.block.talos.dev",
  namespace,
  owner: "block.SystemDiskController",
  message: message.SystemDiskSpec,
  yaml: ({ diskId, devPath }) => ({ diskID: diskId, devPath }),
});

export const discoveredVolumes = defineKind({
  type: "DiscoveredVolumes.block.talos.dev",
  namespace,
  owner: "block.DiscoveryController",
  message: message.DiscoveredVolumeSpec,
  yaml: (spec) => ({
    dev_path: spec.devPath,
    type: spec.type,
    device_path: spec.devicePath,
    parent: omitEmpty(spec.parent),
    parent_dev_path: omitEmpty(spec.parentDevPath),
    offset: spec.offset,
    size: spec.size,
    pretty_size: spec.prettySize,
    sector_size: omitEmpty(spec.sectorSize),
    io_size: omitEmpty(spec.ioSize),
    name: spec.name,
    uuid: omitEmpty(spec.uuid),
    label: omitEmpty(spec.label),
    block_size: omitEmpty(spec.blockSize),
    filesystem_block_size: omitEmpty(spec.filesystemBlockSize),
    probed_size: omitEmpty(spec.probedSize),
    partition_uuid: omitEmpty(spec.partitionUuid),
    partition_type: omitEmpty(spec.partitionType),
    partition_label: omitEmpty(spec.partitionLabel),
    partition_index: omitEmpty(spec.partitionIndex),
  }),
});

const mountSpec = (spec: message.MountSpec) => ({
  targetPath: spec.targetPath,
  selinuxLabel: spec.selinuxLabel,
  projectQuotaSupport: spec.projectQuotaSupport,
  parentId: omitEmpty(spec.parentId),
  fileMode: omitEmpty(spec.fileMode),
  uid: omitEmpty(spec.uid),
  gid: omitEmpty(spec.gid),
  recursiveRelabel: omitEmpty(spec.recursiveRelabel),
  secure: omitEmpty(spec.secure),
  noExec: omitEmpty(spec.noExec),
});

/** Volumes that are not encrypted. */
export const volumeStatuses = defineKind({
  type: "VolumeStatuses.block.talos.dev",
  namespace,
  owner: "block.VolumeManagerController",
  message: message.VolumeStatusSpec,
  yaml: (spec) => ({
    phase: lastWord(Phase[spec.phase]),
    preFailPhase: omitEmpty(spec.preFailPhase) && lastWord(Phase[spec.preFailPhase]),
    type: lastWord(VolumeType[spec.type]),
    parentID: omitEmpty(spec.parentId),
    location: omitEmpty(spec.location),
    mountLocation: omitEmpty(spec.mountLocation),
    partitionIndex: omitEmpty(spec.partitionIndex),
    parentLocation: omitEmpty(spec.parentLocation),
    uuid: omitEmpty(spec.uuid),
    partitionUUID: omitEmpty(spec.partitionUuid),
    size: omitEmpty(spec.size),
    prettySize: omitEmpty(spec.prettySize),
    filesystem: omitEmpty(spec.filesystem) && filesystemText(spec.filesystem),
    encryptionProvider: omitEmpty(spec.encryptionProvider) && lastWord(Encryption[spec.encryptionProvider]),
    encryptionFailedSyncs: omitEmpty(spec.encryptionFailedSyncs),
    configuredEncryptionKeys: omitEmpty(spec.configuredEncryptionKeys),
    encryptionLockedToState: omitEmpty(spec.encryptionLockedToState),
    mountSpec: spec.mountSpec && mountSpec(spec.mountSpec),
    symlink: spec.symlinkSpec && {
      symlinkTargetPath: spec.symlinkSpec.symlinkTargetPath,
      force: spec.symlinkSpec.force,
    },
    errorMessage: omitEmpty(spec.errorMessage),
  }),
});
