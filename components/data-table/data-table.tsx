"use client";

import { type ReactNode, useDeferredValue, useMemo, useRef } from "react";
import { ErrorState, NoMatch } from "@/components/ui/states";
import { TableCards } from "./table-cards";
import { TableHead } from "./table-head";
import { matchingRows, type TableDefinition } from "./table-model";
import { TableRow } from "./table-row";
import { TableSkeleton } from "./table-skeleton";
import { TableToolbar } from "./table-toolbar";
import { useMedia } from "./use-media";
import { useRowKeys } from "./use-row-keys";
import { useRowWindow } from "./use-row-window";
import { type Selection, useSelection } from "./use-selection";
import { useTableUrl } from "./use-table-url";

export type DataTableProps<T> = {
  /** At module scope, so that rows are not drawn in vain. */
  table: TableDefinition<T>;
  rows: readonly T[];
  /** False while the first rows are on their way. */
  loaded: boolean;
  error?: { message: string; hint?: string; onRetry?: () => void } | null;
  /** For screen readers. */
  caption: string;
  searchLabel: string;
  /** Why there is nothing and what to do next. */
  empty: ReactNode;
  /** Where the rows are not all that there is: what the filters look through. */
  scope?: string;
  /** A row on a phone. */
  card: (row: T) => ReactNode;
  rowPx?: number;
  /** Beside the Columns button. */
  actions?: ReactNode;
  /** Makes rows selectable; gets what is ticked. */
  bulk?: (selected: readonly T[], clear: () => void) => ReactNode;
};

/** A table with search, filters, sort and columns in the URL, and its four states without data. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { table, rows, loaded, error, empty } = props;
  const url = useTableUrl(table);
  const state = useDeferredValue(url.state);
  const shown = useMemo(() => matchingRows(rows, table, state), [rows, table, state]);
  const shownIds = useMemo(() => shown.map(table.rowId), [shown, table]);
  const selection = useSelection(shownIds);
  const selectedRows = useMemo(
    () => rows.filter((row) => selection.ids.has(table.rowId(row))),
    [rows, table, selection.ids],
  );
  const wide = useMedia("(min-width: 768px)", true);
  const container = useRef<HTMLDivElement>(null);
  useRowKeys(container);

  if (error) {
    return (
      <div className="rounded-lg border bg-surface">
        <ErrorState title={`The ${table.what} could not be read`} {...error} />
      </div>
    );
  }
  if (loaded && rows.length === 0) return <div className="rounded-lg border bg-surface">{empty}</div>;
  const noMatch = loaded && shown.length === 0;
  return (
    <div ref={container} className="space-y-3">
      <TableToolbar
        table={table}
        rows={rows}
        shown={shown.length}
        url={url}
        loaded={loaded}
        searchLabel={props.searchLabel}
        actions={props.actions}
      />
      {noMatch ? (
        <div className="rounded-lg border bg-surface">
          <NoMatch what={table.what} onClear={url.clear}>
            {props.scope}
          </NoMatch>
        </div>
      ) : wide || !loaded ? (
        <WideTable
          {...props}
          shown={shown}
          shownIds={shownIds}
          url={url}
          selection={props.bulk ? selection : undefined}
        />
      ) : (
        <TableCards table={table} rows={shown} card={props.card} selection={props.bulk ? selection : undefined} />
      )}
      {props.bulk?.(selectedRows, selection.clear)}
    </div>
  );
}

type WideProps<T> = DataTableProps<T> & {
  shown: readonly T[];
  shownIds: readonly string[];
  url: ReturnType<typeof useTableUrl<T>>;
  selection?: Selection;
};

function WideTable<T>({ table, loaded, caption, rowPx = 44, shown, shownIds, url, selection }: WideProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const hiddenKey = [...url.hidden].sort().join();
  const columns = useMemo(() => {
    const hidden = new Set(hiddenKey.split(","));
    return table.columns.filter((column) => column.required || !hidden.has(column.id));
  }, [table, hiddenKey]);
  const { start, end } = useRowWindow(body, shown.length, rowPx);
  const selectedShown = selection ? shownIds.filter((id) => selection.ids.has(id)).length : 0;
  const all = shown.length > 0 && selectedShown === shown.length;
  return (
    <div className="@container rounded-lg border bg-surface">
      <table
        className="w-full table-fixed border-separate border-spacing-0"
        aria-rowcount={shown.length + 1}
        aria-busy={!loaded}
      >
        <caption className="sr-only">{caption}</caption>
        <colgroup>
          {selection && <col style={{ width: 40 }} />}
          {columns.map((column) => (
            <col
              key={column.id}
              className={column.className?.replaceAll("table-cell", "table-column")}
              style={{ width: column.width }}
            />
          ))}
        </colgroup>
        <TableHead
          columns={columns}
          sort={url.state.sort}
          onSort={url.setSort}
          selection={
            selection && {
              all,
              some: selectedShown > 0,
              label: all ? "Clear the selection" : `Select all ${shown.length} ${table.what} shown`,
              onChange: () => (all ? selection.clear() : selection.setAll(shownIds)),
            }
          }
        />
        {loaded ? (
          <tbody ref={body}>
            {start > 0 && <tr aria-hidden style={{ height: start * rowPx }} />}
            {shown.slice(start, end).map((row, offset) => {
              const id = table.rowId(row);
              return (
                <TableRow
                  key={id}
                  row={row}
                  id={id}
                  name={table.rowName(row)}
                  index={start + offset}
                  rowPx={rowPx}
                  columns={columns}
                  selected={selection?.ids.has(id) ?? false}
                  onToggle={selection?.toggle}
                />
              );
            })}
            {end < shown.length && <tr aria-hidden style={{ height: (shown.length - end) * rowPx }} />}
          </tbody>
        ) : (
          <TableSkeleton columns={columns} selectable={selection !== undefined} rowPx={rowPx} />
        )}
      </table>
    </div>
  );
}
