import "server-only";
import { AppError } from "@/lib/core/errors";
import { shownLine } from "@/lib/core/shown-line";
import type { TalosClient } from "@/lib/talos/client";

const deadlineMs = 5_000;
const keptLines = 12;
/** `user: warning: [2026-11-22T21:48:38.1Z]: [talos] task upgrade (1/1): failed: …` */
const ofTalos = /^\w+:\s+\w+:\s+\[[^\]]*\]:\s*\[talos\]\s*(.*)$/;

/** The newest lines that Talos wrote to the kernel's console, without their time, oldest first; null where it cannot be read. */
export async function readConsole(client: TalosClient, signal: AbortSignal): Promise<string[] | null> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  let lines: string[] = [];
  try {
    for await (const line of client.dmesg({ follow: false, tail: false }, { signal: deadline })) {
      const text = ofTalos.exec(line)?.[1];
      if (text) lines = [...lines, shownLine(text).slice(0, 300)].slice(-keptLines);
    }
    return lines;
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted && lines.length > 0) return lines;
    if (error instanceof AppError || deadline.aborted) return null;
    throw error;
  }
}
