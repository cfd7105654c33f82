import { Notice } from "@/components/ui/notice";
import type { AuditStatus } from "@/lib/audit/schema";
import { listWords } from "@/lib/core/units";

/** Says that the audit log cannot be trusted, and from where on. Nothing while it can. */
export function ChainAlarm({ status, className }: { status: AuditStatus; className?: string }) {
  if (status.state === "broken") {
    return (
      <Notice tone="bad" title={`The audit log was tampered with at entry ${status.seq}`} className={className}>
        {status.reason} Entries from there on cannot be trusted. Keep the database file as it is, and compare it with a
        back-up or an export.
      </Notice>
    );
  }
  if (status.missingGuards.length === 0) return null;
  return (
    <Notice tone="bad" title="The database does not keep the audit log append-only any more" className={className}>
      Somebody removed or changed {listWords(status.missingGuards)}. Entries can be changed without a trace until they
      are put back: compare the log with an export, then restore the database from a back-up.
    </Notice>
  );
}
