import "server-only";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { env } from "@/lib/core/env";
import { checkedSnapshot } from "@/lib/inventory/checked-snapshot";

/** Snapshots kept per cluster. */
const kept = 10;

const safe = (name: string): string => name.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 80);

/**
 * Stores a snapshot of etcd as `<data dir>/etcd-snapshots/<cluster>/<time>-<node>.snapshot`, readable by this user only: it
 * holds every Kubernetes secret. It gets its name only when it is whole, by the sum that etcd ends it with; the ten newest are kept.
 * @throws AppError `unavailable` for a damaged snapshot; whatever the stream or the disk throws.
 */
export async function saveSnapshot(
  clusterId: string,
  nodeName: string,
  chunks: AsyncIterable<Uint8Array>,
  nowMs: number,
): Promise<{ file: string; bytes: number }> {
  const folder = path.join(/* turbopackIgnore: true */ env().dataDir, "etcd-snapshots", safe(clusterId));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, "-");
  const file = path.join(/* turbopackIgnore: true */ folder, `${stamp}-${safe(nodeName)}.snapshot`);
  const partial = `${file}.partial`;
  try {
    await pipeline(Readable.from(checkedSnapshot(chunks)), createWriteStream(partial, { mode: 0o600, flags: "w" }));
    const { size: bytes } = await stat(partial);
    await rename(partial, file);
    const all = (await readdir(folder)).filter((name) => name.endsWith(".snapshot")).sort();
    for (const old of all.slice(0, -kept)) await rm(path.join(/* turbopackIgnore: true */ folder, old));
    return { file: path.basename(file), bytes };
  } finally {
    await rm(partial, { force: true });
  }
}
