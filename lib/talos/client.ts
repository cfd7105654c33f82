import { openChannel, type ChannelInput } from "@/lib/talos/channel";
import { controlCalls } from "@/lib/talos/control";
import type { TalosError } from "@/lib/talos/errors";
import { etcdCalls } from "@/lib/talos/etcd";
import { eventCalls } from "@/lib/talos/events";
import { fileCalls } from "@/lib/talos/files";
import { imageCalls } from "@/lib/talos/image";
import { kubeconfigCalls } from "@/lib/talos/kubeconfig";
import { lifecycleCalls } from "@/lib/talos/lifecycle";
import { logCalls } from "@/lib/talos/logs";
import { machineCalls } from "@/lib/talos/machine";
import { resourceCalls } from "@/lib/talos/resources";
import { statsCalls } from "@/lib/talos/stats";
import { upgradeCalls } from "@/lib/talos/upgrade";

/** All calls to one node. Every call takes `{ signal?, deadlineMs? }`, streams also `inactivityMs`; every failure is a `TalosError`. */
export type TalosClient = ReturnType<typeof machineCalls> &
  ReturnType<typeof statsCalls> &
  ReturnType<typeof eventCalls> &
  ReturnType<typeof logCalls> &
  ReturnType<typeof fileCalls> &
  ReturnType<typeof controlCalls> &
  ReturnType<typeof etcdCalls> &
  ReturnType<typeof imageCalls> &
  ReturnType<typeof lifecycleCalls> &
  ReturnType<typeof upgradeCalls> &
  ReturnType<typeof kubeconfigCalls> &
  ReturnType<typeof resourceCalls> & {
    /** `host:port` that is dialled. */
    readonly address: string;
    /**
     * For what is found too much only when it is read: drops the connection and gives the error that says so ("misbehaving").
     * `what` completes "it sent …".
     */
    accuse(what: string): TalosError;
    /** Ends the connection; calls in flight fail. */
    close(): void;
  };

/**
 * A client for one node over its own channel. Nothing is dialled before the first call. The address is `host` or `host:port` (50000 by
 * default). `viaNode` goes through the dialled control plane to another node, by `node` metadata.
 * Throws AppError("invalid-input") on a malformed address; unusable credentials fail the first call.
 */
export function openTalosClient(input: ChannelInput): TalosClient {
  const channel = openChannel(input);
  return {
    ...machineCalls(channel),
    ...statsCalls(channel),
    ...eventCalls(channel),
    ...logCalls(channel),
    ...fileCalls(channel),
    ...controlCalls(channel),
    ...etcdCalls(channel),
    ...imageCalls(channel),
    ...lifecycleCalls(channel),
    ...upgradeCalls(channel),
    ...kubeconfigCalls(channel),
    ...resourceCalls(channel),
    address: channel.address.text,
    accuse: (what) => channel.limits.accuse("", what),
    close: () => channel.close(),
  };
}
