"use client";

import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/components/ui/cn";
import type { TableDefinition } from "./table-model";
import type { Selection } from "./use-selection";

const pageSize = 60;

export type TableCardsProps<T> = {
  table: TableDefinition<T>;
  rows: readonly T[];
  card: (row: T) => ReactNode;
  selection?: Selection;
};

/** The rows as cards where the screen is a phone's. */
export function TableCards<T>({ table, rows, card, selection }: TableCardsProps<T>) {
  const [shown, setShown] = useState(pageSize);
  return (
    <>
      <ul aria-label={table.what} className="divide-y rounded-lg border bg-surface">
        {rows.slice(0, shown).map((row) => {
          const id = table.rowId(row);
          const selected = selection?.ids.has(id) ?? false;
          return (
            <li key={id} data-row className={cn("flex gap-1.5 p-3", selected && "bg-accent-soft")}>
              {selection && (
                <Checkbox
                  className="-mt-0.5 -ml-1"
                  aria-label={`Select ${table.rowName(row)}`}
                  checked={selected}
                  onChange={() => selection.toggle(id, false)}
                />
              )}
              <div className="min-w-0 flex-1">{card(row)}</div>
            </li>
          );
        })}
      </ul>
      {rows.length > shown && (
        <Button className="mt-3 w-full justify-center" onClick={() => setShown(shown + pageSize)}>
          Show more, {rows.length - shown} left
        </Button>
      )}
    </>
  );
}
