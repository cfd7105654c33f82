import "server-only";
import { shownLine } from "@/lib/core/shown-line";
import type { TalosClient } from "@/lib/talos/client";
import { newestKernelLines } from "@/lib/talos/newest-kernel-lines";

const deadlineMs = 5_000;
const keptLines = 12;
/** `user: warning: [2026-11-22T21:48:38.1Z]: [talos] task upgrade (1/1): failed: …` */
const ofTalos = /^\w+:\s+\w+:\s+\[[^\]]*\]:\s*\[talos\]\s*(.*)$/;

/** The newest lines that Talos wrote to the kernel's console, without their time, oldest first; null where it cannot be read. */
export const readConsole = (client: TalosClient, signal: AbortSignal): Promise<string[] | null> =>
  newestKernelLines(
    client,
    {
      keep: (line) => {
        const text = ofTalos.exec(line)?.[1];
        return text ? shownLine(text).slice(0, 300) : null;
      },
      most: keptLines,
      deadlineMs,
    },
    signal,
  );
