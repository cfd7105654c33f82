/** A minor release of talosctl, as a number: 1.14 → 14. */
export type TalosctlMinor = 12 | 13 | 14;

export type TalosctlFlag = {
  /** The first minor that has it, where that is not 1.12. */
  readonly since?: TalosctlMinor;
  /** `switch` takes `=true` and `=false` or nothing; the others take a word. */
  readonly takes: "switch" | "text" | "duration";
  /** The only words that it takes. */
  readonly values?: readonly string[];
};

export type TalosctlCommand = {
  /** How many words follow it. */
  readonly args: readonly [least: number, most: number];
  readonly flags: Readonly<Record<string, TalosctlFlag>>;
  /** Runs on the operator's machine alone: has no `--nodes`. */
  readonly offline?: true;
};

const on: TalosctlFlag = { takes: "switch" };
const text: TalosctlFlag = { takes: "text" };
const insecure = { insecure: on, "cert-fingerprint": text };

/** Flags of every command that speaks to nodes (cmd/talosctl/cmd/talos/root.go). */
export const talosctlNodeFlags: Readonly<Record<string, TalosctlFlag>> = { nodes: text, endpoints: text };

/**
 * The commands that Ichor names, with their flags: cmd/talosctl/cmd/talos/*.go and cmd/mgmt/gen of talosctl 1.12.0, 1.13.0 and
 * 1.14.1, and the latter's `--help`. Only what all three have, unless `since` says otherwise.
 */
export const talosctlCommands: Readonly<Record<string, TalosctlCommand>> = {
  "apply-config": {
    args: [0, 0],
    flags: {
      ...insecure,
      mode: { takes: "text", values: ["auto", "no-reboot", "staged", "try"] },
      "dry-run": on,
      file: text,
      timeout: { takes: "duration" },
    },
  },
  bootstrap: { args: [0, 0], flags: { "recover-from": text } },
  "config new": { args: [0, 1], flags: { roles: text, "crt-ttl": { takes: "duration" } } },
  dmesg: { args: [0, 0], flags: { follow: on, tail: on } },
  "config endpoint": { args: [1, 16], flags: {} },
  "etcd alarm disarm": { args: [0, 0], flags: {} },
  "etcd snapshot": { args: [1, 1], flags: {} },
  "gen config": { args: [2, 2], flags: {}, offline: true },
  "gen secrets": { args: [0, 0], flags: { "from-controlplane-config": text, "output-file": text }, offline: true },
  get: { args: [1, 2], flags: { insecure: on, output: text, namespace: text, watch: on } },
  "image pull": { args: [1, 1], flags: { namespace: { takes: "text", values: ["system", "cri"] } } },
  kubeconfig: { args: [0, 1], flags: { merge: on, force: on } },
  logs: { args: [1, 1], flags: { follow: on, tail: text } },
  reboot: {
    args: [0, 0],
    flags: { mode: { takes: "text", values: ["default", "force", "powercycle"] }, drain: { ...on, since: 13 } },
  },
  reset: {
    args: [0, 0],
    flags: {
      graceful: on,
      reboot: on,
      "wipe-mode": { takes: "text", values: ["all", "system-disk", "user-disks"] },
      "system-labels-to-wipe": text,
      "user-disks-to-wipe": text,
    },
  },
  rollback: { args: [0, 0], flags: {} },
  service: { args: [0, 2], flags: {} },
  shutdown: { args: [0, 0], flags: { force: on } },
  upgrade: {
    args: [0, 0],
    flags: {
      image: text,
      "reboot-mode": { takes: "text", values: ["default", "powercycle"] },
      drain: { ...on, since: 13 },
      "drain-timeout": { takes: "duration", since: 13 },
    },
  },
  version: { args: [0, 0], flags: {} },
};
