"use client";

import { ChevronDown, Columns3 } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { SearchInput } from "@/components/ui/input";
import { Menu, MenuCheck, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { countOf } from "@/lib/core/units";
import { filterOptions, type TableDefinition, type TableFilter } from "./table-model";
import type { TableUrl } from "./use-table-url";

/** `nodes` as `node`, `entries` as `entry`. */
const singular = (plural: string) => plural.replace(/ies$/, "y").replace(/s$/, "");

function FilterMenu<T>({ filter, rows, url }: { filter: TableFilter<T>; rows: readonly T[]; url: TableUrl }) {
  const chosen = url.state.filters[filter.id] ?? [];
  const format = filter.format ?? ((value: string) => value);
  const words = chosen.length === 1 ? format(chosen[0] ?? "") : `${chosen.length} chosen`;
  const options = filterOptions(rows, filter, chosen);
  const trigger = (
    <Button size="sm" className={cn("h-8 max-w-56 font-normal", chosen.length > 0 && "border-accent bg-accent-soft")}>
      <span className="truncate">
        {filter.label}
        {chosen.length > 0 && `: ${words}`}
      </span>
      <ChevronDown aria-hidden className="text-muted" />
    </Button>
  );
  return (
    <Menu trigger={trigger} align="start" label={filter.label}>
      {options.length === 0 && <MenuItem disabledReason="Nothing to choose from yet">Any</MenuItem>}
      {options.map(({ value, count }) => (
        <MenuCheck
          key={value}
          checked={chosen.includes(value)}
          onChange={(on) =>
            url.setFilter(filter.id, on ? [...chosen, value] : chosen.filter((other) => other !== value))
          }
        >
          <span className="flex-1">{format(value)}</span>
          <span className="pl-4 text-xs text-muted tabular">{count}</span>
        </MenuCheck>
      ))}
      {chosen.length > 0 && (
        <>
          <MenuSeparator />
          <MenuItem onSelect={() => url.setFilter(filter.id, [])}>Any</MenuItem>
        </>
      )}
    </Menu>
  );
}

export type TableToolbarProps<T> = {
  table: TableDefinition<T>;
  rows: readonly T[];
  shown: number;
  url: TableUrl;
  loaded: boolean;
  searchLabel: string;
  actions?: ReactNode;
};

/** Search, filters, how many match, and which columns. */
export function TableToolbar<T>({ table, rows, shown, url, loaded, searchLabel, actions }: TableToolbarProps<T>) {
  const optional = table.columns.filter((column) => !column.required);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchInput
        aria-label={searchLabel}
        placeholder={searchLabel}
        value={url.state.q}
        onChange={(event) => url.setQuery(event.target.value)}
        className="w-full sm:w-70"
      />
      {(table.filters ?? [])
        .filter(({ id, quiet }) => !quiet || url.state.filters[id]?.length)
        .map((filter) => (
          <FilterMenu key={filter.id} filter={filter} rows={rows} url={url} />
        ))}
      <p aria-live="polite" className="px-1 text-muted tabular">
        {!loaded
          ? ""
          : url.filtered
            ? `${shown} of ${rows.length}`
            : countOf(rows.length, singular(table.what), table.what)}
      </p>
      {url.filtered && (
        <Button variant="ghost" size="sm" onClick={url.clear}>
          Clear
        </Button>
      )}
      <div className="ml-auto flex gap-2">
        {actions}
        <div className="hidden md:block">
          <Menu
            label="Columns"
            trigger={
              <Button>
                <Columns3 aria-hidden />
                Columns
              </Button>
            }
          >
            {optional.map(({ id, header }) => (
              <MenuCheck key={id} checked={!url.hidden.has(id)} onChange={(on) => url.setHidden(id, !on)}>
                {header}
              </MenuCheck>
            ))}
          </Menu>
        </div>
      </div>
    </div>
  );
}
