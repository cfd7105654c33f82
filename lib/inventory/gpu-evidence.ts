import { nodeCaps } from "@/lib/core/bounds/input-caps";
import type { GpuDevice } from "@/lib/gpu/schema";
import { evidenceFromListings, isGpuKernelLine, proofListPaths } from "@/lib/gpu/proof-paths";
import type { TalosClient } from "@/lib/talos/client";
import { isTalosError } from "@/lib/talos/errors";
import { newestKernelLines } from "@/lib/talos/newest-kernel-lines";
import type { GpuEvidenceFacts, NodeFacts } from "./facts";
import { seldom } from "./node-follow";

type Options = { signal: AbortSignal };
type Listed = Pick<GpuEvidenceFacts, "boundDrivers" | "deviceFiles" | "drmNodes" | "cdiFiles">;

/** A directory that is not there answers with an entry that holds the error, or a failed stream, by release. */
const missing = /no such file|not found|does not exist/i;

/** Names in a directory (role os:reader); empty where it does not exist, null where it could not be read. */
export async function namesIn(client: TalosClient, path: string, { signal }: Options): Promise<string[] | null> {
  try {
    const entries = await client.list(path, { signal, maxEntries: nodeCaps.directoryEntries });
    const failed = entries.find(({ error, relativeName }) => error !== "" && relativeName === ".");
    if (failed) return missing.test(failed.error) ? [] : null;
    return entries.filter(({ relativeName }) => relativeName !== ".").map(({ relativeName }) => relativeName);
  } catch (error) {
    if (signal.aborted) throw error;
    if (isTalosError(error, "not-found")) return [];
    if (isTalosError(error) && missing.test(error.details ?? "")) return [];
    if (isTalosError(error, "unimplemented", "permission-denied", "node-failed", "too-large")) return null;
    throw error;
  }
}

/** Driver binding, modules, device files and CDI of a node's GPUs, by listing directories. */
export async function listGpuEvidence(
  client: TalosClient,
  gpus: readonly GpuDevice[],
  options: Options,
): Promise<{ listed: Listed; modules: string[] | null }> {
  const listings = new Map<string, readonly string[]>();
  await Promise.all(
    proofListPaths(gpus).map(async (path) => {
      const names = await namesIn(client, path, options);
      if (names) listings.set(path, names);
    }),
  );
  const { modules, ...listed } = evidenceFromListings(listings, gpus);
  return { listed, modules };
}

const keptLines = 200;
const keptChars = 1_024;
/** A flood of lines changes what is shown so often at most. */
const tellMs = 250;
const kernelLogDeadlineMs = 8_000;
/** `kern: info: [2026-11-22T21:48:38.1Z]: text` → `text`. */
const withoutPrefix = (line: string): string => line.replace(/^\w+:\s+\w+:\s+\[[^\]]*\]:\s*/, "").slice(0, keptChars);

/** Follows the kernel log from boot on; calls back with the lines of GPU drivers, oldest first, after each new one. */
export async function followGpuKernelLog(
  client: TalosClient,
  onLines: (lines: string[]) => void,
  { signal }: Options,
): Promise<void> {
  let lines: string[] = [];
  const telling = seldom(() => onLines(lines), tellMs);
  try {
    for await (const line of client.dmesg({ follow: true, tail: false }, { signal })) {
      if (!isGpuKernelLine(line)) continue;
      lines = [...lines, withoutPrefix(line)].slice(-keptLines);
      telling.ask();
    }
  } finally {
    telling.stop();
  }
}

/** The kernel log's lines about GPU drivers, oldest first; null where it could not be read. */
export const readGpuKernelLog = (client: TalosClient, { signal }: Options): Promise<string[] | null> =>
  newestKernelLines(
    client,
    {
      keep: (line) => (isGpuKernelLine(line) ? withoutPrefix(line) : null),
      most: keptLines,
      deadlineMs: kernelLogDeadlineMs,
    },
    signal,
  );

/** Facts after a round of evidence: drivers of the cards, and modules where no resource tells them. */
export function withGpuEvidence(
  before: NodeFacts,
  { listed, modules }: { listed: Listed; modules: string[] | null },
  modulesAreWatched: boolean,
): Partial<NodeFacts> {
  const bound = listed.boundDrivers;
  return {
    evidence: { ...before.evidence, ...listed },
    ...(bound && { gpus: before.gpus.map((gpu) => ({ ...gpu, driver: bound[gpu.pciAddress] ?? null })) }),
    ...(!modulesAreWatched && modules && { kernelModules: modules }),
  };
}
