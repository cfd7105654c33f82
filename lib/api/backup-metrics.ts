import type { BackupHealth } from "@/lib/backup/schema";
import { backupStates } from "@/lib/backup/schema";
import { prometheusGauge } from "./prometheus";

const none = (value: number | undefined): { labels: Record<string, string>; value: number }[] =>
  value === undefined ? [] : [{ labels: {}, value }];

/** How it stands with the back-ups of Ichor itself. Times in seconds; without a back-up they have no sample. */
export function backupGauges({ state, record: { last } }: BackupHealth): string {
  return [
    prometheusGauge(
      "ichor_backup_state",
      "1 for the state that the back-ups of Ichor are in.",
      backupStates.map((one) => ({ labels: { state: one }, value: one === state ? 1 : 0 })),
    ),
    prometheusGauge(
      "ichor_backup_last_timestamp_seconds",
      "When the last back-up was made.",
      none(last ? Math.round(last.madeAtMs / 1000) : undefined),
    ),
    prometheusGauge(
      "ichor_backup_last_proof_timestamp_seconds",
      "When it was last proven that a back-up opens.",
      none(last ? Math.round(last.provedAtMs / 1000) : undefined),
    ),
    prometheusGauge("ichor_backup_last_size_bytes", "Size of the last back-up.", none(last?.bytes)),
  ].join("");
}
