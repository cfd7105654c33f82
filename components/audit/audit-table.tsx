"use client";

import { ScrollText } from "lucide-react";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/ui/states";
import type { AuditEntryView } from "@/lib/audit/schema";
import { auditTable, AuditTargetLink, detailText } from "./audit-columns";
import { AuditOutcome } from "./outcome";
import { RelativeTime } from "@/components/ui/relative-time";

const card = (entry: AuditEntryView) => (
  <div className="space-y-1">
    <div className="flex items-center justify-between gap-3">
      <span className="truncate font-mono text-xs">{entry.action}</span>
      <RelativeTime atMs={entry.atMs} className="shrink-0 text-xs text-muted" />
    </div>
    <AuditTargetLink entry={entry} />
    <div className="flex items-center justify-between gap-3">
      <span className="truncate text-muted">{entry.actorName}</span>
      <AuditOutcome entry={entry} />
    </div>
    {detailText(entry) && <p className="text-xs wrap-anywhere text-muted">{detailText(entry)}</p>}
  </div>
);

/** A page of the audit log. */
export function AuditTable({ entries }: { entries: readonly AuditEntryView[] }) {
  return (
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
    />
  );
}
