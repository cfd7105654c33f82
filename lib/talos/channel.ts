import { setMaxListeners } from "node:events";
import { checkServerIdentity } from "node:tls";
import { Client, connectivityState, credentials as grpcCredentials, type ChannelOptions } from "@grpc/grpc-js";
import { parseAddress, type TalosAddress } from "@/lib/talos/address";
import type { TalosCredentials } from "@/lib/talos/credentials";
import { registerGuardedResolver } from "@/lib/talos/guarded-resolver";
import { pinnedCredentials } from "@/lib/talos/pinned-credentials";
import { checkPin, readCertificate } from "@/lib/talos/probe";
import { mtlsContext } from "@/lib/talos/secure-context";

export { readCertificate, type CertificateFacts } from "@/lib/talos/probe";

/** Talos `constants.GRPCMaxMessageSize`, both ways. */
export const maxMessageBytes = 32 * 1024 * 1024;

// Shown as SNI when dialling an IP, since an IP is no legal server name (RFC 6066) and Node warns of it (DEP0123). apid ignores SNI.
const serverNameForIp = "talos";

const baseOptions: ChannelOptions = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
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
};

/** One lazily opened gRPC channel to one node. */
export type Channel = {
  readonly address: TalosAddress;
  readonly credentials: TalosCredentials;
  readonly viaNode: string | undefined;
  /** The grpc-js client; in maintenance mode the certificate is read and compared first. */
  open(signal?: AbortSignal): Promise<Client>;
  /** Is the connection up right now? */
  connected(): boolean;
  /** Aborts with `close`: calls in flight end as "cancelled", new ones are not made. */
  readonly closed: AbortSignal;
  close(): void;
};

/** Makes a channel; nothing is dialled before the first call. Throws on an address or credentials that cannot be used. */
export function openChannel({ address: text, credentials, viaNode }: ChannelInput): Channel {
  const address = parseAddress(text);
  registerGuardedResolver();
  const options: ChannelOptions = address.ip
    ? { ...baseOptions, "grpc.ssl_target_name_override": serverNameForIp }
    : baseOptions;
  let client: Client | null = null;

  const make = async (): Promise<Client> => {
    if (credentials.kind === "mtls") {
      const identity = grpcCredentials.createFromSecureContext(mtlsContext(credentials, address.text), {
        checkServerIdentity: (_name, certificate) => checkServerIdentity(address.host, certificate),
      });
      return new Client(address.target, identity, options);
    }
    const leaf = await readCertificate(address.text, 5_000);
    checkPin(leaf, credentials.fingerprint, address.text);
    return new Client(address.target, pinnedCredentials(leaf.fingerprint, address.host), options);
  };

  let opening: Promise<Client> | null = null;
  const closing = new AbortController();
  // Every call and stream in flight listens to it, and lets go when it ends: a watched node has some twenty at once.
  setMaxListeners(0, closing.signal);
  return {
    address,
    credentials,
    viaNode,
    closed: closing.signal,
    async open(signal) {
      if (client) return client;
      opening ??= make().finally(() => (opening = null));
      // Shared by all first callers, so that one caller's abort must not end it for the others.
      const made = await orAborted(opening, signal);
      if (closing.signal.aborted) made.close();
      client = made;
      return made;
    },
    connected: () => client?.getChannel().getConnectivityState(false) === connectivityState.READY,
    close() {
      closing.abort(new Error("the client was closed"));
      client?.close();
    },
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
