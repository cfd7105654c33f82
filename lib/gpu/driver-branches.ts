import { parseTalosRelease } from "./talos-release";

export const nvidiaChannels = ["production", "lts"] as const;
export type NvidiaChannel = (typeof nvidiaChannels)[number];

/** The NVIDIA driver of a Talos minor: its branch, and the versions that its releases carried, oldest and newest. */
export type DriverBranch = { branch: number; first: string; last: string };

/** Tags and release branches of the official extensions repository, `nvidia-gpu/vars.yaml`, as of 2026-08. */
const branches: Readonly<Record<number, Record<NvidiaChannel, DriverBranch>>> = {
  9: {
    production: { branch: 550, first: "550.127.08", last: "550.144.03" },
    lts: { branch: 535, first: "535.216.03", last: "535.230.02" },
  },
  10: {
    production: { branch: 570, first: "570.124.06", last: "570.148.08" },
    lts: { branch: 535, first: "535.230.02", last: "535.247.01" },
  },
  11: {
    production: { branch: 570, first: "570.172.08", last: "570.172.08" },
    lts: { branch: 535, first: "535.247.01", last: "535.247.01" },
  },
  // In 1.12 the production branch is older than the LTS one.
  12: {
    production: { branch: 570, first: "570.195.03", last: "570.211.01" },
    lts: { branch: 580, first: "580.105.08", last: "580.126.20" },
  },
  13: {
    production: { branch: 595, first: "595.58.03", last: "595.91.07" },
    lts: { branch: 580, first: "580.126.20", last: "580.178.04" },
  },
  14: {
    production: { branch: 595, first: "595.91.07", last: "595.91.07" },
    lts: { branch: 580, first: "580.178.04", last: "580.178.04" },
  },
};

/** The NVIDIA driver branch that a Talos release carries in a channel; null for a release that Ichor does not know. */
export function driverBranch(talosVersion: string, channel: NvidiaChannel): DriverBranch | null {
  const release = parseTalosRelease(talosVersion);
  return (release && branches[release.minor]?.[channel]) ?? null;
}

/** `580.178.04`, or `580.126.20 to 580.178.04` where it depends on the patch release. */
export const driverVersionText = ({ first, last }: DriverBranch): string =>
  first === last ? first : `${first} to ${last}`;
