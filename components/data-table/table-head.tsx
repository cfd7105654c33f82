"use client";

import { ArrowDown, ArrowUp } from "lucide-react";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/components/ui/cn";
import { type DataColumn, nextSort } from "./table-model";

export const cellClass = "px-2 first:pl-2.5 last:pr-3";

export type TableHeadProps<T> = {
  columns: readonly DataColumn<T>[];
  sort: string;
  onSort: (sort: string) => void;
  selection?: { all: boolean; some: boolean; label: string; onChange: () => void };
};

/** Sticks under the page's header; the sorted column says its direction. */
export function TableHead<T>({ columns, sort, onSort, selection }: TableHeadProps<T>) {
  const sorted = sort.replace(/^-/, "");
  return (
    <thead>
      <tr>
        {selection && (
          <th
            scope="col"
            className={cn(cellClass, "sticky top-13 z-10 h-9 border-b bg-surface text-left first:rounded-tl-lg")}
          >
            <Checkbox
              aria-label={selection.label}
              checked={selection.all}
              indeterminate={selection.some && !selection.all}
              onChange={selection.onChange}
            />
          </th>
        )}
        {columns.map((column) => {
          const current = column.id === sorted;
          const descending = sort.startsWith("-");
          const Arrow = descending ? ArrowDown : ArrowUp;
          return (
            <th
              key={column.id}
              scope="col"
              aria-sort={current ? (descending ? "descending" : "ascending") : undefined}
              className={cn(
                cellClass,
                "sticky top-13 z-10 h-9 border-b bg-surface text-left text-xs font-medium text-muted first:rounded-tl-lg last:rounded-tr-lg",
                column.align === "right" && "text-right",
                column.className,
              )}
            >
              {column.sortValue ? (
                <button
                  type="button"
                  onClick={() => onSort(nextSort(sort, column.id))}
                  className={cn(
                    "group inline-flex h-6 max-w-full items-center gap-1 rounded-sm hover:text-fg",
                    current && "text-fg",
                  )}
                >
                  <span className="truncate">{column.header}</span>
                  {current && <Arrow aria-hidden className="size-3 shrink-0" />}
                </button>
              ) : (
                column.header
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
