import { useMemo } from "react";
import { cn } from "./cn";
import { type DiffLine, diffOf } from "./diff-lines";

const marks = { same: " ", removed: "-", added: "+" } as const;
const spoken = { same: "", removed: "removed: ", added: "added: " } as const;
const looks = { same: "text-muted", removed: "bg-bad-soft text-bad", added: "bg-ok-soft text-ok" } as const;

function Line({ line }: { line: DiffLine }) {
  if (line.kind === "gap") {
    return (
      <div className="border-y border-dashed px-3.5 text-faint select-none">
        {line.count === 1 ? "1 line" : `${line.count} lines`} unchanged
      </div>
    );
  }
  return (
    <div className={cn("flex px-3.5", looks[line.kind])}>
      <span aria-hidden className="w-5 shrink-0 select-none">
        {marks[line.kind]}
      </span>
      <span className="sr-only">{spoken[line.kind]}</span>
      <span className="whitespace-pre">{line.text || " "}</span>
    </div>
  );
}

export type DiffViewProps = { before: string; after: string; label: string; context?: number; className?: string };

/** What would change, line by line; scrolls inside itself. */
export function DiffView({ before, after, label, context, className }: DiffViewProps) {
  const lines = useMemo(() => diffOf(before, after, context), [before, after, context]);
  if (lines.length === 0) return <p className="p-3.5 text-muted">No difference.</p>;
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className={cn("max-h-[36rem] overflow-auto py-2 font-mono text-xs leading-5", className)}
    >
      <div className="w-max min-w-full">
        {lines.map((line, index) => (
          <Line key={index} line={line} />
        ))}
      </div>
    </div>
  );
}
