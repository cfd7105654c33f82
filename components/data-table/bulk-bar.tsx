"use client";

import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

export type BulkBarProps = {
  count: number;
  /** What would be done and what skipped: `5 can be upgraded · 2 skipped`. */
  summary?: ReactNode;
  onClear: () => void;
  children: ReactNode;
};

/** Stays at the bottom of the screen while rows are ticked. */
export function BulkBar({ count, summary, onClear, children }: BulkBarProps) {
  if (count === 0) return null;
  return (
    <div
      role="region"
      aria-label="Selection"
      className="sticky bottom-3 z-20 mt-3.5 flex animate-rise flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-line-strong bg-raised px-3.5 py-2.5 shadow-float"
    >
      <p role="status" className="font-semibold tabular">
        {count} selected
      </p>
      {summary && <div className="text-muted">{summary}</div>}
      <div className="flex flex-wrap items-center gap-2 sm:ml-auto">
        {children}
        <Button variant="ghost" size="icon" aria-label="Clear the selection" onClick={onClear}>
          <X aria-hidden />
        </Button>
      </div>
    </div>
  );
}
