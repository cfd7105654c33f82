import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { extract } from "tar-stream";
import { errorMessage } from "@/lib/core/errors";
import { ask, checkReply, type CallOptions } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import { TalosError } from "@/lib/talos/errors";
import { collectBytes } from "@/lib/talos/files";
import type { Data } from "@/lib/talos/gen/common/common";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { toDuration } from "@/lib/talos/numbers";
import { serverStream, type StreamOptions } from "@/lib/talos/stream";

export type ClientConfiguration = { caPem: string; certPem: string; keyPem: string; talosconfig: string };

const maxPackedBytes = 1024 * 1024;
const maxUnpackedBytes = 4 * 1024 * 1024;
const gunzipAsync = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

/** The first file named `kubeconfig` of a gzip'd tar. Throws when it unpacks to more than 4 MiB or holds no such file. */
export async function unpackKubeconfig(packed: Uint8Array): Promise<string> {
  const unpacked = await gunzipAsync(packed, { maxOutputLength: maxUnpackedBytes });
  const archive = extract();
  archive.end(unpacked);
  for await (const entry of archive) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    if (entry.header.name.replace(/^\.\//, "") === "kubeconfig") return Buffer.concat(parts).toString("utf8");
  }
  throw new Error("the archive holds no kubeconfig");
}

/** Credentials that a control plane makes for us, role `os:admin`. What comes back is secret. */
export const kubeconfigCalls = (channel: Channel) => ({
  /** The cluster's admin kubeconfig as YAML. */
  async kubeconfig(options?: StreamOptions): Promise<string> {
    const method = machine.kubeconfig;
    const decode = (data: Data) => [checkReply(data, method.path, channel.address.text).bytes];
    const frames = serverStream(channel, { method, request: {}, decode }, { deadlineMs: 30_000, ...options });
    const packed = await collectBytes(channel, method, frames, maxPackedBytes);
    try {
      return await unpackKubeconfig(packed);
    } catch (error) {
      throw new TalosError(`${channel.address.text} sent a kubeconfig archive that cannot be unpacked.`, {
        kind: "node-failed",
        method: method.path,
        address: channel.address.text,
        details: errorMessage(error),
      });
    }
  },

  /** A new client certificate with these roles (`os:reader`), valid for `ttlMs`. */
  async generateClientConfiguration(
    { roles, ttlMs }: { roles: string[]; ttlMs: number },
    options?: CallOptions,
  ): Promise<ClientConfiguration> {
    const reply = await ask(
      channel,
      machine.generateClientConfiguration,
      { roles, crtTtl: toDuration(ttlMs) },
      options,
    );
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
    return {
      caPem: text(reply.ca),
      certPem: text(reply.crt),
      keyPem: text(reply.key),
      talosconfig: text(reply.talosconfig),
    };
  },
});
