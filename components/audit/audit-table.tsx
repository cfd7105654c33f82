"use client";

import { ScrollText } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { DataTable } from "@/components/data-table/data-table";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/states";
import type { AuditEntryView } from "@/lib/audit/schema";
import { paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import { auditTable, AuditTargetLink, detailText } from "./audit-columns";
import { AuditOutcome } from "./outcome";
import { RelativeTime } from "@/components/ui/relative-time";

const card = (entry: AuditEntryView) => (
  <div className="space-y-1">
    <div className="flex items-center justify-between gap-3">
      <span className="truncate font-mono text-xs">{entry.action}</span>
      <RelativeTime atMs={entry.atMs} className="shrink-0 text-xs text-muted" />
    </div>
    {entry.target && <AuditTargetLink entry={entry} />}
    <div className="flex items-center justify-between gap-3">
      <span className="truncate text-muted">{entry.actorName}</span>
      <AuditOutcome entry={entry} />
    </div>
    {detailText(entry) && <p className="text-xs wrap-anywhere text-muted">{detailText(entry)}</p>}
  </div>
);

export type AuditTableProps = {
  entries: readonly AuditEntryView[];
  /** What to ask for to see the page before this one; null at the end of the log. */
  nextBeforeSeq: number | null;
  newest: boolean;
};

/** A page of the audit log. Filters look through the page, are said to, and go on to the next one. */
export function AuditTable({ entries, nextBeforeSeq, newest }: AuditTableProps) {
  const query = Object.fromEntries(useSearchParams());
  const whole = newest && nextBeforeSeq === null;
  const scope = `Looked through ${newest ? "the newest " : ""}${countOf(entries.length, "entry", "entries")}${newest ? "" : " of an older page"}; the log has more.`;
  return (
    <>
      <DataTable
        table={auditTable}
        rows={entries}
        loaded
        caption="Audit log, newest first"
        searchLabel="Filter by action, person, target"
        empty={
          <EmptyState icon={ScrollText} title="Nothing has been done yet">
            Every sign-in, change and refused attempt will stand here.
          </EmptyState>
        }
        card={card}
        scope={whole ? undefined : scope}
      />
      {!whole && (
        <nav aria-label="Pages of the audit log" className="flex flex-wrap items-center gap-2">
          {!newest && <ButtonLink href={paths.audit({ ...query, before: undefined })}>Newest</ButtonLink>}
          {nextBeforeSeq !== null && (
            <ButtonLink href={paths.audit({ ...query, before: nextBeforeSeq })}>Older entries</ButtonLink>
          )}
          <p className="text-xs text-muted">
            {countOf(entries.length, "entry", "entries")} on this page; search and filters look through these.
          </p>
        </nav>
      )}
    </>
  );
}
