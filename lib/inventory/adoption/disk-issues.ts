import { formatBytes } from "@/lib/core/units";
import type { MachineConfigDocument } from "@/lib/machine-config/documents";
import { disksOfTarget, installTarget, type KnownDisk } from "@/lib/machine-config/disk-match/install-target";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";
import type { resourceDefs, SpecOf } from "@/lib/talos/resources";

export type DiskSpec = SpecOf<(typeof resourceDefs)["disk"]>;
export type ReadDisk = { id: string; spec: DiskSpec };

/** A disk by the names that CEL has for its fields. */
const known = ({ id, spec }: ReadDisk): KnownDisk => ({
  id,
  fields: {
    dev_path: spec.devPath || `/dev/${id}`,
    size: spec.sizeBytes,
    pretty_size: spec.prettySize,
    sector_size: spec.sectorSizeBytes,
    model: spec.model,
    serial: spec.serial,
    modalias: spec.modalias,
    wwid: spec.wwid,
    uuid: spec.uuid,
    bus_path: spec.busPath,
    sub_system: spec.subSystem,
    transport: spec.transport,
    rotational: spec.rotational,
    readonly: spec.readOnly,
    cdrom: spec.cdrom,
    symlinks: spec.symlinks,
  },
});

/** What Talos can be installed to: no loops, no memory, no media. */
const isWritable = ({ id, spec }: ReadDisk): boolean =>
  !/^(?:loop|sr|zram|ram|dm-)/.test(id) && !spec.cdrom && !spec.readOnly && spec.sizeBytes > 0;

/** `nvme0n1, 1 TB, WD_BLACK SN850X` */
const named = ({ id, spec }: ReadDisk): string =>
  [id, spec.prettySize.replace(/\.0+(?= )/, "") || formatBytes(spec.sizeBytes), spec.model || spec.transport]
    .filter(Boolean)
    .join(", ");

const list = (disks: readonly ReadDisk[]): string => disks.map(named).join("; ");

function chosenIssues(path: string, disk: ReadDisk): ConfigIssue[] {
  const { cdrom, readOnly, transport } = disk.spec;
  if (cdrom || readOnly || !isWritable(disk))
    return [
      {
        severity: "error",
        path,
        message: `Talos cannot be installed to ${named(disk)}: it is ${cdrom ? "an optical drive" : readOnly ? "read-only" : "no disk"}.`,
      },
    ];
  return transport.toLowerCase() === "usb"
    ? [
        {
          severity: "warning",
          path,
          message: `${named(disk)} is on USB: it may be the medium that the machine was booted from.`,
        },
      ]
    : [];
}

/**
 * What the machine's disks say of where a config wants to install: none fits, several do (Talos takes the first by name and erases it), or
 * the one that fits is no place for it. `disks` is null where they could not be read, which is said. Pure.
 */
export function diskIssues(
  documents: readonly MachineConfigDocument[],
  disks: readonly ReadDisk[] | null,
): ConfigIssue[] {
  const target = installTarget(documents);
  if (target === null) return [];
  const { path } = target;
  const warning = (message: string): ConfigIssue[] => [{ severity: "warning", path, message }];
  if (disks === null) return warning("The machine's disks could not be read, so whether one fits is not known.");
  const fits = disksOfTarget(target, disks.map(known));
  if (fits === null) return warning("Ichor cannot evaluate this selector, so which disk Talos takes is not known.");
  const chosen = fits.flatMap(({ id }) => disks.filter((disk) => disk.id === id));
  const [first, ...others] = chosen;
  if (!first) {
    const there = disks.filter(isWritable);
    const message =
      there.length === 0
        ? "The machine has no disk that Talos can be installed to."
        : `None of the machine's disks fits (${list(there)}).`;
    return [{ severity: "error", path, message }];
  }
  if (others.length === 0) return chosenIssues(path, first);
  return [
    ...chosenIssues(path, first),
    ...warning(
      `${chosen.length} disks fit (${list(chosen)}). Talos takes the first of them by name and erases it: ${named(first)}.`,
    ),
  ];
}
