import type { ReactNode } from "react";

export type SortValue = string | number | null;

export type DataColumn<T> = {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** Without it the column cannot be sorted. Null sorts last either way. */
  sortValue?: (row: T) => SortValue;
  align?: "right";
  /** CSS width; columns without one share the rest. */
  width?: string;
  /** Classes of header and cells, `hidden @3xl:table-cell` to give way where the table is narrow. */
  className?: string;
  /** Always shown; the first column is. */
  required?: boolean;
  hiddenByDefault?: boolean;
};

export type TableFilter<T> = {
  /** Also its name in the URL. */
  id: string;
  label: string;
  /** The values of a row; it passes when one of them is chosen. */
  values: (row: T) => readonly string[];
  /** A value as people read it. */
  format?: (value: string) => string;
  /** Chosen by links only: it stands in the toolbar while it holds. */
  quiet?: boolean;
};

export type TableState = { q: string; sort: string; filters: Readonly<Record<string, readonly string[]>> };

export type TableDefinition<T> = {
  /** Plural, in sentences: `nodes`. */
  what: string;
  rowId: (row: T) => string;
  /** What the row is called: for labels of its checkbox. */
  rowName: (row: T) => string;
  columns: readonly DataColumn<T>[];
  filters?: readonly TableFilter<T>[];
  /** Everything that the search box looks through, lower case. */
  searchText: (row: T) => string;
  /** `name`, or `-lastSeen` for downwards. */
  defaultSort: string;
};

const collator = new Intl.Collator("en", { numeric: true });

function compare(a: SortValue, b: SortValue, direction: 1 | -1): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return direction * (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b)));
}

/** The rows that match search and filters, in the order asked for; ties keep their order. */
export function matchingRows<T>(rows: readonly T[], table: TableDefinition<T>, state: TableState): readonly T[] {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const filters = (table.filters ?? []).flatMap((filter) => {
    const chosen = state.filters[filter.id] ?? [];
    return chosen.length === 0 ? [] : [{ filter, chosen: new Set(chosen) }];
  });
  const matching = rows.filter((row) => {
    if (!filters.every(({ filter, chosen }) => filter.values(row).some((value) => chosen.has(value)))) return false;
    if (words.length === 0) return true;
    const text = table.searchText(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const direction = state.sort.startsWith("-") ? -1 : 1;
  const column = table.columns.find(({ id }) => id === state.sort.replace(/^-/, ""));
  const value = column?.sortValue;
  if (!value) return matching;
  return matching
    .map((row) => ({ row, key: value(row) }))
    .sort((a, b) => compare(a.key, b.key, direction))
    .map(({ row }) => row);
}

/** The values that a filter can take among these rows with how many rows have each; chosen ones stay even at 0. */
export function filterOptions<T>(
  rows: readonly T[],
  filter: TableFilter<T>,
  chosen: readonly string[],
): { value: string; count: number }[] {
  const counts = new Map<string, number>(chosen.map((value) => [value, 0]));
  for (const row of rows) {
    for (const value of new Set(filter.values(row))) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => collator.compare(a.value, b.value));
}

/** What a press on a column's header asks for: upwards, then downwards, then upwards again. */
export const nextSort = (sort: string, columnId: string): string => (sort === columnId ? `-${columnId}` : columnId);
