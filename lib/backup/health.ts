import { formatAgo, formatDuration } from "@/lib/core/units";
import type { BackupHealth, BackupRecord } from "./schema";

const graceShare = 1.5;

/**
 * How it stands with the back-ups. Pure.
 * @param set.encrypted whether recipients or a passphrase are given; @param set.everyMs null = none by themselves
 * @param sinceMs when Ichor began to be able to make them, for the first one
 */
export function backupHealth(
  record: BackupRecord,
  set: { encrypted: boolean; everyMs: number | null },
  { nowMs, sinceMs }: { nowMs: number; sinceMs: number },
): BackupHealth {
  const { last, failure } = record;
  if (!set.encrypted) {
    return { state: "off", sentence: "No back-ups are made: nobody is named to encrypt them for.", record };
  }
  if (failure !== null && failure.atMs >= (last?.madeAtMs ?? 0)) {
    return { state: "failed", sentence: `The last back-up failed: ${failure.sentence}`, record };
  }
  if (set.everyMs === null) {
    const sentence = last
      ? "Back-ups are made on demand only."
      : "Back-ups are made on demand only; there is none yet.";
    return { state: "off", sentence, record };
  }
  const dueMs = (last?.madeAtMs ?? sinceMs) + set.everyMs * graceShare;
  if (nowMs > dueMs) {
    const age = last ? `the last one was made ${formatAgo(last.madeAtMs, nowMs)}` : "there is none yet";
    const every = formatDuration(set.everyMs);
    return {
      state: "overdue",
      sentence: `A back-up is overdue: one is to be made every ${every}, and ${age}.`,
      record,
    };
  }
  if (last === null) return { state: "none-yet", sentence: "The first back-up is still to come.", record };
  return { state: "well", sentence: "The last back-up was made and proven.", record };
}

/** When the next back-up is to be tried: after a failure sooner than an interval, but not at once. */
export function nextBackupMs(record: BackupRecord, everyMs: number, sinceMs: number): number {
  const { last, failure } = record;
  const madeMs = last?.madeAtMs ?? null;
  if (failure !== null && failure.atMs >= (madeMs ?? 0)) return failure.atMs + Math.min(everyMs, 3_600_000);
  return madeMs === null ? sinceMs : madeMs + everyMs;
}
