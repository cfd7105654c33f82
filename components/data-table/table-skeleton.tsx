import { cn } from "@/components/ui/cn";
import { Skeleton } from "@/components/ui/skeleton";
import { cellClass } from "./table-head";
import type { DataColumn } from "./table-model";

const widths = ["w-3/4", "w-1/2", "w-2/3"];

/** Rows on their way, in the table's own columns. */
export function TableSkeleton<T>({
  columns,
  selectable,
  rowPx,
}: {
  columns: readonly DataColumn<T>[];
  selectable: boolean;
  rowPx: number;
}) {
  return (
    <tbody>
      {Array.from({ length: 8 }, (_, index) => (
        <tr key={index} style={{ height: rowPx }}>
          {selectable && (
            <td className={cn(cellClass, "border-b")}>
              <Skeleton className="ml-1 size-4" />
            </td>
          )}
          {columns.map((column, at) => (
            <td key={column.id} className={cn(cellClass, "border-b", column.className)}>
              <Skeleton className={widths[(index + at) % widths.length]} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}
