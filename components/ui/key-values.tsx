import type { ReactNode } from "react";
import { cn } from "./cn";
import { CopyButton } from "./copy-button";

export type KeyValue = {
  label: string;
  /** Null is said as "not known". */
  value: ReactNode | null;
  mono?: boolean;
  /** Adds a copy button for this text. */
  copy?: string | null;
};

/** Facts as label and value, one a row. */
export function KeyValues({ items, className }: { items: readonly KeyValue[]; className?: string }) {
  return (
    <dl className={cn("divide-y", className)}>
      {items.map(({ label, value, mono, copy }) => (
        <div key={label} className="grid min-h-9 grid-cols-[minmax(7rem,10rem)_1fr] items-center gap-3 px-3.5 py-1">
          <dt className="text-muted">{label}</dt>
          <dd className="flex min-w-0 items-center gap-1">
            <span className={cn("min-w-0 wrap-anywhere", mono && value !== null && "font-mono text-xs")}>
              {value ?? <span className="text-faint">not known</span>}
            </span>
            {copy && <CopyButton text={copy} label={`Copy ${label.toLowerCase()}`} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
