import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { checkReply } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import { TalosError } from "@/lib/talos/errors";
import type { Data } from "@/lib/talos/gen/common/common";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { safeNumber } from "@/lib/talos/numbers";
import { serverStream, type StreamOptions } from "@/lib/talos/stream";
import { cleanText } from "@/lib/talos/text";

export type FileFacts = {
  /** Absolute path. */
  name: string;
  /** Relative to what was listed; `.` is that itself. */
  relativeName: string;
  sizeBytes: number;
  /** Go's file mode bits. */
  mode: number;
  modifiedMs: number;
  directory: boolean;
  /** Target of a symbolic link, else empty. */
  link: string;
  /** Why this entry could not be read, else empty. */
  error: string;
};

export type ListOptions = StreamOptions & {
  /** Levels below `path`: 1 (default) lists the directory itself. */
  depth?: number;
  /** Most entries to take; more throws "too-large". */
  maxEntries?: number;
};

export type ReadOptions = StreamOptions & { maxBytes?: number };

const defaultMaxBytes = 4 * 1024 * 1024;

/** Collects byte frames up to a cap; past it the call is cancelled and "too-large" thrown. */
export async function collectBytes(
  channel: Channel,
  method: { path: string },
  frames: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const frame of frames) {
    size += frame.byteLength;
    if (size > maxBytes) throw tooLarge(channel, method.path, `more than ${maxBytes} bytes`);
    parts.push(frame);
  }
  return Buffer.concat(parts);
}

const tooLarge = (channel: Channel, method: string, what: string) =>
  new TalosError(`${channel.address.text} sent ${what}, which is more than is read here.`, {
    kind: "too-large",
    method,
    address: channel.address.text,
  });

/** Files. `list` needs `os:reader`, `read` `os:admin`. */
export const fileCalls = (channel: Channel) => ({
  /** Entries of a directory, with the directory itself as `.`. */
  async list(path: string, { depth = 1, maxEntries = 10_000, ...options }: ListOptions = {}): Promise<FileFacts[]> {
    const method = machine.list;
    const entries: FileFacts[] = [];
    let chars = 0;
    const stream = serverStream(
      channel,
      {
        method,
        request: { root: path, recurse: depth > 1, recursionDepth: depth, types: [], reportXattrs: false },
        decode(info): FileFacts[] {
          checkReply(info, method.path, channel.address.text);
          return [
            {
              name: cleanText(info.name),
              relativeName: cleanText(info.relativeName),
              sizeBytes: safeNumber(info.size),
              mode: info.mode,
              modifiedMs: safeNumber(info.modified) * 1000,
              directory: info.isDir,
              link: cleanText(info.link),
              error: cleanText(info.error, { max: 512 }),
            },
          ];
        },
      },
      { deadlineMs: 30_000, ...options },
    );
    for await (const entry of stream) {
      if (entries.length >= maxEntries) throw tooLarge(channel, method.path, `more than ${maxEntries} entries`);
      chars += entry.name.length + entry.relativeName.length + entry.link.length + entry.error.length;
      if (chars > nodeCaps.directoryBytes)
        throw tooLarge(channel, method.path, `entries of more than ${nodeCaps.directoryBytes} characters`);
      entries.push(entry);
    }
    return entries;
  },

  /** A regular file's bytes, 4 MiB at most unless told. Files of /proc and /sys work too. */
  async read(path: string, { maxBytes = defaultMaxBytes, ...options }: ReadOptions = {}): Promise<Buffer> {
    const method = machine.read;
    const decode = (data: Data) => [checkReply(data, method.path, channel.address.text).bytes];
    const frames = serverStream(channel, { method, request: { path }, decode }, { deadlineMs: 30_000, ...options });
    return collectBytes(channel, method, frames, maxBytes);
  },
});
