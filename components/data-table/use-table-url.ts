"use client";

import { parseAsArrayOf, parseAsString, useQueryStates } from "nuqs";
import { useMemo } from "react";
import type { TableDefinition, TableState } from "./table-model";

const list = parseAsArrayOf(parseAsString).withDefault([]);
const reserved = { q: parseAsString.withDefault(""), show: list, hide: list };

export type TableUrl = {
  state: TableState;
  hidden: ReadonlySet<string>;
  filtered: boolean;
  setQuery: (q: string) => void;
  setSort: (sort: string) => void;
  setFilter: (id: string, values: readonly string[]) => void;
  setHidden: (columnId: string, hidden: boolean) => void;
  clear: () => void;
};

/** Search, filters, sort and columns of a table live in the URL; what is as by default is left out of it. */
export function useTableUrl<T>(table: TableDefinition<T>): TableUrl {
  const parsers = useMemo(
    () => ({
      ...reserved,
      sort: parseAsString.withDefault(table.defaultSort),
      ...Object.fromEntries((table.filters ?? []).map(({ id }) => [id, list])),
    }),
    [table],
  );
  const [url, setUrl] = useQueryStates(parsers, { history: "replace" });
  const values = url as Record<string, string | string[]>;
  const filters = Object.fromEntries((table.filters ?? []).map(({ id }) => [id, values[id] as string[]]));
  const hidden = new Set(
    table.columns
      .filter((column) => (column.hiddenByDefault ? !url.show.includes(column.id) : url.hide.includes(column.id)))
      .map(({ id }) => id),
  );
  const without = (ids: readonly string[], id: string) => ids.filter((other) => other !== id);
  return {
    state: { q: url.q, sort: url.sort, filters },
    hidden,
    filtered: url.q !== "" || Object.values(filters).some((chosen) => chosen.length > 0),
    setQuery: (q) => void setUrl({ q: q || null }),
    setSort: (sort) => void setUrl({ sort }),
    setFilter: (id, chosen) => void setUrl({ [id]: chosen.length > 0 ? chosen : null } as Partial<typeof url>),
    setHidden: (id, hide) => {
      const byDefault = table.columns.find((column) => column.id === id)?.hiddenByDefault ?? false;
      const key = byDefault ? "show" : "hide";
      const listed = byDefault ? !hide : hide;
      const next = listed ? [...without(url[key], id), id] : without(url[key], id);
      void setUrl({ [key]: next.length > 0 ? next : null });
    },
    clear: () => void setUrl({ q: null, ...Object.fromEntries(Object.keys(filters).map((id) => [id, null])) }),
  };
}
