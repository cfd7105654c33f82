import type { ReactNode } from "react";
import { Panel } from "@/components/ui/card";

export type SimpleTableProps = {
  title: string;
  caption: string;
  /** Said instead of an empty table. */
  none: string;
  head: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
  className?: string;
};

/** A short table in a panel; scrolls inside itself where it must. */
export function SimpleTable({ title, caption, none, head, rows, className }: SimpleTableProps) {
  return (
    <Panel
      title={title}
      aside={<span className="text-xs tabular">{rows.length}</span>}
      className={className}
      bodyClassName=""
    >
      {rows.length === 0 ? (
        <p className="p-3.5 text-muted">{none}</p>
      ) : (
        <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label={caption}>
          <table className="w-full border-separate border-spacing-0">
            <caption className="sr-only">{caption}</caption>
            <thead>
              <tr>
                {head.map((title) => (
                  <th key={title} scope="col" className="h-8 border-b px-3.5 text-left text-xs font-medium text-muted">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ key, cells }) => (
                <tr key={key} className="group hover:bg-hover">
                  {cells.map((cell, index) => (
                    <td key={index} className="h-9 border-b px-3.5 py-1 group-last:border-b-0">
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
