import { AppError } from "@/lib/core/errors";
import type { TalosClient } from "./client";

/** Which lines are kept and as what (null = left out), how many at most, and how long to read. */
type Wanted = { keep: (line: string) => string | null; most: number; deadlineMs: number };

/**
 * Reads the kernel log once, from boot on.
 * @returns the newest lines that are wanted, oldest first; null where it could not be read.
 * @throws the reason of `signal` when that ends it.
 */
export async function newestKernelLines(
  client: Pick<TalosClient, "dmesg">,
  { keep, most, deadlineMs }: Wanted,
  signal: AbortSignal,
): Promise<string[] | null> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  let lines: string[] = [];
  try {
    for await (const line of client.dmesg({ follow: false, tail: false }, { signal: deadline })) {
      const kept = keep(line);
      if (kept !== null) lines = [...lines, kept].slice(-most);
    }
    return lines;
  } catch (error) {
    signal.throwIfAborted();
    // What came before the time was up was read.
    if (deadline.aborted && lines.length > 0) return lines;
    if (error instanceof AppError || deadline.aborted) return null;
    throw error;
  }
}
