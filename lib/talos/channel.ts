import { setMaxListeners } from "node:events";
import { checkServerIdentity } from "node:tls";
import {
  Client,
  connectivityState,
  credentials as grpcCredentials,
  type ChannelCredentials,
  type ChannelOptions,
} from "@grpc/grpc-js";
import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { parseAddress, type TalosAddress } from "@/lib/talos/address";
import type { TalosCredentials } from "@/lib/talos/credentials";
import { registerGuardedResolver } from "@/lib/talos/guarded-resolver";
import { ConnectionLimits, type NodeRates } from "@/lib/talos/limits/connection-limits";
import { meteredCredentials } from "@/lib/talos/limits/metered-credentials";
import { meterSocket } from "@/lib/talos/limits/socket-meter";
import { pinnedCredentials } from "@/lib/talos/pinned-credentials";
import { checkPin, readCertificate } from "@/lib/talos/probe";
import { mtlsContext } from "@/lib/talos/secure-context";

export { readCertificate, type CertificateFacts } from "@/lib/talos/probe";

/** Talos `constants.GRPCMaxMessageSize`: what a node takes. What is taken from a node is in `nodeCaps`. */
const maxSentBytes = 32 * 1024 * 1024;

// Shown as SNI when dialling an IP, since an IP is no legal server name (RFC 6066) and Node warns of it (DEP0123). apid ignores SNI.
const serverNameForIp = "talos";

const baseOptions: ChannelOptions = {
  "grpc.max_send_message_length": maxSentBytes,
  // MiB of streams and frames that wait; grpc-js sets none, and a node can promise streams without end.
  "grpc-node.max_session_memory": 64,
  // HTTP/2's 64 KiB would hold an etcd snapshot from afar to a crawl.
  "grpc-node.flow_control_window": 1024 * 1024,
  // Nodes behind one forwarded address must not share a connection.
  "grpc.use_local_subchannel_pool": 1,
  // grpc-go answers pings faster than every 5 minutes with GOAWAY too_many_pings; silence on a stream is watched per stream.
  "grpc.keepalive_time_ms": 300_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.keepalive_permit_without_calls": 0,
  "grpc.initial_reconnect_backoff_ms": 250,
  "grpc.min_reconnect_backoff_ms": 250,
  "grpc.max_reconnect_backoff_ms": 5_000,
  // No Talos method is declared idempotent: whoever calls decides about a second attempt.
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.enable_channelz": 0,
  "grpc.enable_http_proxy": 0,
};

export type ChannelInput = {
  /** `host`, `host:port`, `[v6]:port`. */
  address: string;
  credentials: TalosCredentials;
  /** Reach this node through the dialled one, by `node` metadata. */
  viaNode?: string;
  /** For one step that reads or writes whole configs, files or snapshots, at the pace of whoever reads them: larger messages, no rates. */
  step?: boolean;
  /** Others than those of `nodeCaps`: tests have lower ones, and none comes back. */
  rates?: NodeRates;
};

/** One lazily opened gRPC channel to one node. */
export type Channel = {
  readonly address: TalosAddress;
  readonly credentials: TalosCredentials;
  readonly viaNode: string | undefined;
  /** What the node may send; past it the channel is closed. */
  readonly limits: ConnectionLimits;
  /** The grpc-js client; in maintenance mode the certificate is read and compared first. */
  open(signal?: AbortSignal): Promise<Client>;
  /** Is the connection up right now? */
  connected(): boolean;
  /** Aborts with `close`: calls in flight end as "cancelled", new ones are not made. */
  readonly closed: AbortSignal;
  close(): void;
};

/** Makes a channel; nothing is dialled before the first call. Throws on an address or credentials that cannot be used. */
export function openChannel({
  address: text,
  credentials,
  viaNode,
  step = false,
  rates = nodeCaps,
}: ChannelInput): Channel {
  const address = parseAddress(text);
  registerGuardedResolver();
  const options: ChannelOptions = {
    ...baseOptions,
    "grpc.max_receive_message_length": step ? nodeCaps.stepMessageBytes : nodeCaps.messageBytes,
    ...(address.ip && { "grpc.ssl_target_name_override": serverNameForIp }),
  };
  const limits = new ConnectionLimits({
    address: address.text,
    rates: step ? null : rates,
    onFault: (fault) => close(fault),
  });
  const metered = (identity: ChannelCredentials) =>
    step
      ? identity
      : meteredCredentials(identity, (socket) =>
          meterSocket(socket, rates, () => limits.accuse("", "more bytes a second than a node has to tell")),
        );
  let client: Client | null = null;

  const make = async (): Promise<Client> => {
    if (credentials.kind === "mtls") {
      const identity = grpcCredentials.createFromSecureContext(mtlsContext(credentials, address.text), {
        checkServerIdentity: (_name, certificate) => checkServerIdentity(address.host, certificate),
      });
      return new Client(address.target, metered(identity), options);
    }
    const leaf = await readCertificate(address.text, 5_000);
    checkPin(leaf, credentials.fingerprint, address.text);
    return new Client(address.target, metered(pinnedCredentials(leaf.fingerprint, address.host)), options);
  };

  let opening: Promise<Client> | null = null;
  const closing = new AbortController();
  // Every call and stream in flight listens to it, and lets go when it ends: a watched node has some twenty at once.
  setMaxListeners(0, closing.signal);
  function close(reason: Error): void {
    closing.abort(reason);
    client?.close();
  }
  return {
    address,
    credentials,
    viaNode,
    limits,
    closed: closing.signal,
    async open(signal) {
      // One signal may end the calls to many nodes at once; each lets go of it when it ends.
      if (signal) setMaxListeners(0, signal);
      if (client) return client;
      opening ??= make().finally(() => (opening = null));
      // Shared by all first callers, so that one caller's abort must not end it for the others.
      const made = await orAborted(opening, signal);
      if (closing.signal.aborted) made.close();
      client = made;
      return made;
    },
    connected: () => client?.getChannel().getConnectivityState(false) === connectivityState.READY,
    close: () => close(new Error("the client was closed")),
  };
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
