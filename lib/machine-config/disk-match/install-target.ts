import type { YamlValue } from "@/lib/core/go-yaml";
import {
  isYamlMap,
  documentOfKind,
  legacyDocument,
  valueAt,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import { celMatchesDisk, type CelDisk } from "@/lib/machine-config/disk-match/cel";
import { diskSelectorExpression } from "@/lib/machine-config/disk-selector";
import { diskSelector } from "@/lib/machine-config/schema";

/** A disk as Talos' DiskSpec tells it, with its name (`nvme0n1`). */
export type KnownDisk = { id: string; fields: CelDisk };

/** How a config says where to install: `path` is where it says so. */
export type InstallTarget =
  | { kind: "path"; path: string; device: string }
  | { kind: "expression"; path: string; expression: string }
  | { kind: "unreadable"; path: string };

/** `machine.install.diskSelector` adds these by itself (v1alpha1_provider.go, DiskMatchExpression); an expression of 1.14 does not. */
const legacyExclusions = ' && disk.transport != "" && !disk.readonly && !disk.cdrom';

/** Texts match with `*`; a plain one is a pattern without it. */
function legacyTarget(install: YamlValue | undefined): InstallTarget | null {
  if (!isYamlMap(install)) return null;
  const { disk, diskSelector: selector } = install;
  if (selector !== undefined && selector !== null) {
    const path = "machine.install.diskSelector";
    const parsed = diskSelector.safeParse(selector);
    if (!parsed.success) return { kind: "unreadable", path };
    // In the old selector, "ssd" is all that does not rotate.
    const { type, ...rest } = parsed.data;
    const parts = [diskSelectorExpression(rest), type === undefined ? "" : legacyTypes[type]].filter(Boolean);
    return { kind: "expression", path, expression: parts.join(" && ") + legacyExclusions };
  }
  return typeof disk === "string" && disk !== "" ? { kind: "path", path: "machine.install.disk", device: disk } : null;
}

const legacyTypes = {
  nvme: 'disk.transport == "nvme"',
  sd: 'disk.transport == "mmc"',
  hdd: "disk.rotational",
  ssd: "!disk.rotational",
} as const;

/** Where a config wants Talos to be installed; null where it says nothing of it. */
export function installTarget(documents: readonly MachineConfigDocument[]): InstallTarget | null {
  const unattended = documentOfKind(documents, "UnattendedInstallConfig");
  const match = unattended && valueAt(unattended, ["provisioning", "diskSelector", "match"]);
  if (typeof match === "string" && match !== "")
    return {
      kind: "expression",
      path: "UnattendedInstallConfig.provisioning.diskSelector.match",
      expression: match,
    };
  return legacyTarget(valueAt(legacyDocument(documents), ["machine", "install"]));
}

/**
 * The disks that a target means, in the order in which Talos looks at them: by name. It takes the first and erases it
 * (block/blockhelpers MatchDisks, unattended_install.go and the Install task of v1.14).
 *
 * @returns null where the target cannot be understood here.
 */
export function disksOfTarget(target: InstallTarget, disks: readonly KnownDisk[]): KnownDisk[] | null {
  if (target.kind === "unreadable") return null;
  const sorted = [...disks].sort((left, right) => (left.id < right.id ? -1 : 1));
  if (target.kind === "path") {
    const { device } = target;
    return sorted.filter(({ fields }) => {
      const { dev_path: path, symlinks } = fields;
      return path === device || (Array.isArray(symlinks) && symlinks.includes(device));
    });
  }
  const fits = sorted.map((disk) => celMatchesDisk(target.expression, disk.fields));
  if (fits.includes(null)) return null;
  return sorted.filter((_, index) => fits[index] === true);
}
