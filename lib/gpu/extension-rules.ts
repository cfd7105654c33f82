import { ownEntry } from "@/lib/core/own-entry";
import { firstReleaseOf, isOffered, officialExtensionsOf, renamedExtensions } from "./extension-catalogue";
import type { Refusal } from "./profile-schema";

const nvidiaFile =
  /(?:^|\/)siderolabs\/(nvidia-open-gpu-kernel-modules|nonfree-kmod-nvidia|nvidia-container-toolkit|nvidia-fabricmanager)(?:-(production|lts))?$/;

/**
 * Checks the extensions of one schematic against each other, wherever they come from: NVIDIA's flavours and channels
 * exclude each other, and the container toolkit is useless, and hangs the boot, without kernel modules
 * (siderolabs/extensions#888).
 */
export function extensionConflicts(extensions: readonly string[]): Refusal[] {
  const parts = extensions.flatMap((name) => {
    const match = nvidiaFile.exec(name);
    return match ? [{ part: match[1] ?? "", channel: match[2] ?? "" }] : [];
  });
  const has = (part: string) => parts.some((one) => one.part === part);
  const refusals: Refusal[] = [];
  if (has("nvidia-open-gpu-kernel-modules") && has("nonfree-kmod-nvidia")) {
    refusals.push({
      rule: "open-with-proprietary",
      message:
        "The open and the proprietary NVIDIA kernel modules install the same files: a node can have only one of them.",
    });
  }
  if (new Set(parts.map(({ channel }) => channel)).size > 1) {
    refusals.push({
      rule: "different-channels",
      message:
        "NVIDIA's production and LTS extensions install the same files and their versions must match: a node can have only one channel.",
    });
  }
  if (has("nvidia-container-toolkit") && !has("nvidia-open-gpu-kernel-modules") && !has("nonfree-kmod-nvidia")) {
    refusals.push({
      rule: "toolkit-without-modules",
      message:
        "The NVIDIA container toolkit without NVIDIA kernel modules would hang the boot, waiting for a driver that never comes.",
    });
  }
  return refusals;
}

/**
 * Refuses extensions that the target release does not offer. `available` is the factory's own list for that release;
 * without it the built-in catalogue answers.
 */
export function absentExtensions(
  extensions: readonly string[],
  talosVersion: string,
  available?: readonly string[],
): Refusal[] {
  const list = available ?? officialExtensionsOf(talosVersion);
  if (!list) {
    return [
      {
        rule: "unknown-release",
        message: `Ichor does not know which extensions Talos ${talosVersion} has, and the Image Factory was not asked.`,
      },
    ];
  }
  return extensions
    .filter((name) => !list.includes(name))
    .map((name) => {
      const renamed = ownEntry(renamedExtensions, name);
      const first = firstReleaseOf(name);
      const why = renamed ? ` It is called ${renamed} now.` : first && !available ? ` It exists from ${first} on.` : "";
      return { rule: "extension-absent", message: `${name} does not exist for Talos ${talosVersion}.${why}` };
    });
}

const isOfficial = (name: string): boolean => /^siderolabs\/[^/]+$/.test(name);

/**
 * Judges extensions that a person added: those that the release does not offer are refused, by old names too; whether a private factory
 * has one of its own (`owner/siderolabs/zfs`) only the factory's list tells.
 */
export function judgeAddedExtensions(
  added: readonly string[],
  talosVersion: string,
  available?: readonly string[],
): { refusals: Refusal[]; warnings: string[] } {
  const list = available ?? officialExtensionsOf(talosVersion) ?? [];
  const absent = added.filter((name) => !isOffered(name, list));
  const unasked = available ? [] : absent.filter((name) => !isOfficial(name));
  const own = available ? absent.filter((name) => !isOfficial(name)) : [];
  return {
    refusals: [
      ...absentExtensions(absent.filter(isOfficial), talosVersion, available),
      ...own.map((name) => ({
        rule: "extension-absent" as const,
        message: `The Image Factory does not offer ${name} for Talos ${talosVersion}.`,
      })),
    ],
    warnings: unasked.map(
      (name) =>
        `There is no list of the Image Factory for Talos ${talosVersion}, so whether it offers ${name} is not known.`,
    ),
  };
}
