"use client";

import { memo, type MouseEvent } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/components/ui/cn";
import { cellClass } from "./table-head";
import type { DataColumn } from "./table-model";

export type TableRowProps<T> = {
  row: T;
  id: string;
  name: string;
  index: number;
  rowPx: number;
  columns: readonly DataColumn<T>[];
  selected: boolean;
  onToggle?: (id: string, range: boolean) => void;
};

function Row<T>({ row, id, name, index, rowPx, columns, selected, onToggle }: TableRowProps<T>) {
  return (
    <tr
      data-row
      aria-rowindex={index + 2}
      aria-selected={onToggle ? selected : undefined}
      style={{ height: rowPx }}
      className={cn("group transition-colors hover:bg-hover", selected && "bg-accent-soft hover:bg-accent-soft")}
    >
      {onToggle && (
        <td className={cn(cellClass, "border-b group-last:border-b-0")}>
          <Checkbox
            aria-label={`Select ${name}`}
            checked={selected}
            readOnly
            onClick={(event: MouseEvent) => onToggle(id, event.shiftKey)}
          />
        </td>
      )}
      {columns.map((column) => (
        <td
          key={column.id}
          className={cn(
            cellClass,
            "overflow-hidden border-b group-last:border-b-0",
            column.align === "right" && "text-right tabular",
            column.className,
          )}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Drawn again only when its own row changed: a tick of one node leaves the others alone. */
export const TableRow = memo(Row) as typeof Row;
