import { ask, type CallOptions } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import {
  ApplyConfigurationRequest_Mode as Mode,
  RebootRequest_Mode,
  ResetRequest_WipeMode as Wipe,
} from "@/lib/talos/gen/machine/control";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { toDuration } from "@/lib/talos/numbers";
import { cleanText } from "@/lib/talos/text";

/** `reboot` is refused by Talos 1.14 outside maintenance mode; `auto` may reboot before 1.14. */
export const applyModes = ["auto", "no-reboot", "staged", "try", "reboot"] as const;
export type ApplyMode = (typeof applyModes)[number];

export type ApplyRequest = {
  /** The whole machine config, all documents. */
  config: string | Uint8Array;
  mode: ApplyMode;
  dryRun?: boolean;
  /** With `try`: reverted after this time unless applied again; Talos' own default is a minute. */
  tryTimeoutMs?: number;
};

export type ApplyResult = {
  /** What the node really did, which may differ from what was asked. */
  mode: ApplyMode;
  /** The node's words, with the diff on a dry run. */
  modeDetails: string;
  warnings: string[];
};

export type ResetRequest = {
  /** Leave etcd and drain first. */
  graceful: boolean;
  /** Reboot afterwards instead of halting. */
  reboot: boolean;
  mode?: "all" | "system-disk" | "user-disks";
  /** Partition labels (`EPHEMERAL`, `STATE`); empty = the whole disk. */
  systemPartitionsToWipe?: string[];
  userDisksToWipe?: string[];
};

/** The actor of the events that follow; empty on releases that do not say. */
export type Accepted = { actorId: string };

const toWire: Record<ApplyMode, Mode> = {
  auto: Mode.AUTO,
  "no-reboot": Mode.NO_REBOOT,
  staged: Mode.STAGED,
  try: Mode.TRY,
  reboot: Mode.REBOOT,
};
const fromWire = (mode: Mode): ApplyMode => applyModes.find((name) => toWire[name] === mode) ?? "auto";
const wipes: Record<NonNullable<ResetRequest["mode"]>, Wipe> = {
  all: Wipe.ALL,
  "system-disk": Wipe.SYSTEM_DISK,
  "user-disks": Wipe.USER_DISKS,
};
const reboots = {
  default: RebootRequest_Mode.DEFAULT,
  powercycle: RebootRequest_Mode.POWERCYCLE,
  force: RebootRequest_Mode.FORCE,
} as const;
export type RebootMode = keyof typeof reboots;

const accepted = ({ actorId }: Accepted): Accepted => ({ actorId: cleanText(actorId, { max: 128 }) });

/** Calls that change a node. None is ever sent twice by us; "rolled-stream" means that the outcome is unknown. */
export const controlCalls = (channel: Channel) => ({
  /** Role `os:admin`; in maintenance mode anyone. "invalid" = the config was rejected, "precondition" = another apply runs. */
  async applyConfiguration(
    { config, mode, dryRun = false, tryTimeoutMs }: ApplyRequest,
    options?: CallOptions,
  ): Promise<ApplyResult> {
    const data = typeof config === "string" ? Buffer.from(config, "utf8") : Buffer.from(config);
    const reply = await ask(
      channel,
      machine.applyConfiguration,
      {
        data,
        mode: toWire[mode],
        dryRun,
        tryModeTimeout: tryTimeoutMs === undefined ? undefined : toDuration(tryTimeoutMs),
      },
      { deadlineMs: 60_000, ...options },
    );
    return {
      mode: fromWire(reply.mode),
      modeDetails: cleanText(reply.modeDetails, { max: 262_144, keepLines: true }),
      warnings: reply.warnings.map((warning) => cleanText(warning, { max: 1024 })),
    };
  },

  /** Starts etcd: once per cluster, on one control plane. "already-exists" = done before; "precondition" = not ready yet, try later. */
  async bootstrap(options?: CallOptions): Promise<void> {
    await ask(
      channel,
      machine.bootstrap,
      { recoverEtcd: false, recoverSkipHashCheck: false },
      { deadlineMs: 60_000, ...options },
    );
  },

  /** Role `os:operator`. `force` (Talos 1.12) skips the shutdown of services; older nodes take it as `default`. */
  async reboot({ mode = "default" }: { mode?: RebootMode } = {}, options?: CallOptions): Promise<Accepted> {
    return accepted(await ask(channel, machine.reboot, { mode: reboots[mode] }, { deadlineMs: 30_000, ...options }));
  },

  /** Role `os:operator`. `force` does not drain. */
  async shutdown({ force = false }: { force?: boolean } = {}, options?: CallOptions): Promise<Accepted> {
    return accepted(await ask(channel, machine.shutdown, { force }, { deadlineMs: 30_000, ...options }));
  },

  /** Role `os:admin`. Wipes: the machine comes back without its config, or not at all. */
  async reset(request: ResetRequest, options?: CallOptions): Promise<Accepted> {
    const { graceful, reboot, mode = "all", systemPartitionsToWipe = [], userDisksToWipe = [] } = request;
    const partitions = systemPartitionsToWipe.map((label) => ({ label, wipe: true }));
    return accepted(
      await ask(
        channel,
        machine.reset,
        { graceful, reboot, mode: wipes[mode], systemPartitionsToWipe: partitions, userDisksToWipe },
        { deadlineMs: 60_000, ...options },
      ),
    );
  },

  /** Role `os:admin`. Boots the other slot. "precondition" = Talos is not installed; no other slot is "node-failed" (`previous UKI not found`). */
  async rollback(options?: CallOptions): Promise<void> {
    await ask(channel, machine.rollback, {}, { deadlineMs: 30_000, ...options });
  },
});
