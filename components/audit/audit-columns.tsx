import Link from "next/link";
import type { TableDefinition } from "@/components/data-table/table-model";
import { RelativeTime } from "@/components/ui/relative-time";
import type { AuditEntryView } from "@/lib/audit/schema";
import { paths } from "@/lib/core/paths";
import { AuditOutcome, outcomeOf } from "./outcome";

const actorText = (entry: AuditEntryView): string =>
  entry.onBehalfOf ? `${entry.actorName} for ${entry.onBehalfOf}` : entry.actorName;

/** What an entry kept of its input, as `name: value` pairs. */
export const detailText = (entry: AuditEntryView): string =>
  Object.entries(entry.detail)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");

/** Where the thing an entry is about can be looked at; null where it has no page. */
function targetHref(target: NonNullable<AuditEntryView["target"]>): string | null {
  switch (target.kind) {
    case "node":
      return paths.node(target.id);
    case "cluster":
      return paths.cluster(target.id);
    case "run":
      return paths.upgrade(target.id);
    case "schematic":
      return paths.image(target.id);
    default:
      return null;
  }
}

export function AuditTargetLink({ entry }: { entry: AuditEntryView }) {
  const { target } = entry;
  if (!target) return <span className="text-faint">none</span>;
  const text = target.name ?? target.id;
  const href = targetHref(target);
  return (
    <span className="block truncate">
      <span className="text-muted">{target.kind} </span>
      {href ? (
        <Link href={href} className="underline decoration-line-strong underline-offset-3 hover:decoration-current">
          {text}
        </Link>
      ) : (
        text
      )}
    </span>
  );
}

export const auditTable: TableDefinition<AuditEntryView> = {
  what: "entries",
  rowId: (entry) => entry.id,
  rowName: (entry) => entry.action,
  searchText: (entry) =>
    [
      entry.action,
      actorText(entry),
      entry.target?.kind,
      entry.target?.name,
      entry.target?.id,
      detailText(entry),
      entry.requestId,
    ].join(" "),
  defaultSort: "-seq",
  filters: [
    { id: "outcome", label: "Outcome", values: (entry) => [outcomeOf(entry).label] },
    { id: "actor", label: "Who", values: (entry) => [entry.actorName] },
    { id: "action", label: "Action", values: (entry) => [entry.action] },
  ],
  columns: [
    {
      id: "seq",
      header: "When",
      width: "8rem",
      required: true,
      sortValue: (entry) => entry.seq,
      cell: (entry) => <RelativeTime atMs={entry.atMs} className="text-muted" />,
    },
    {
      id: "actor",
      header: "Who",
      width: "12rem",
      sortValue: actorText,
      cell: (entry) => <span className="block truncate">{actorText(entry)}</span>,
    },
    {
      id: "action",
      header: "Action",
      width: "14rem",
      sortValue: (entry) => entry.action,
      cell: (entry) => <span className="block truncate font-mono text-xs">{entry.action}</span>,
    },
    {
      id: "target",
      header: "On",
      sortValue: (entry) => entry.target?.name ?? null,
      cell: (entry) => <AuditTargetLink entry={entry} />,
    },
    {
      id: "outcome",
      header: "Outcome",
      width: "11rem",
      sortValue: (entry) => outcomeOf(entry).label,
      cell: (entry) => <AuditOutcome entry={entry} />,
    },
    {
      id: "detail",
      header: "Detail",
      className: "hidden @4xl:table-cell",
      cell: (entry) => <span className="block truncate text-xs text-muted">{detailText(entry)}</span>,
    },
    {
      id: "request",
      header: "Request",
      hiddenByDefault: true,
      width: "13rem",
      cell: (entry) => <span className="block truncate font-mono text-xs text-muted">{entry.requestId}</span>,
    },
  ],
};
