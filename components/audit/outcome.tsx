import { Status } from "@/components/ui/status";
import type { Tone } from "@/components/ui/tone";
import type { AuditEntryView } from "@/lib/audit/schema";

type Shown = { tone: Tone; label: string };
const outcomes: Record<NonNullable<AuditEntryView["outcome"]>, Shown> = {
  succeeded: { tone: "ok", label: "Succeeded" },
  failed: { tone: "bad", label: "Failed" },
  unknown: { tone: "warn", label: "Outcome unknown" },
};

/** How an entry ended, in words; a denied attempt is one too. */
export function outcomeOf(entry: AuditEntryView): Shown {
  if (entry.phase === "denied") return { tone: "warn", label: "Denied" };
  if (entry.outcome) return outcomes[entry.outcome];
  return { tone: "idle", label: entry.phase === "change" ? "Changed" : "Noted" };
}

export function AuditOutcome({ entry }: { entry: AuditEntryView }) {
  const { tone, label } = outcomeOf(entry);
  return (
    <Status tone={tone} reason={entry.errorCode ?? undefined}>
      {label}
    </Status>
  );
}
