import type { ReactNode } from "react";
import { cn } from "./cn";
import { type Tone, toneSoft, toneText } from "./tone";

/** A short word beside a name. Without a tone it is a plain label. */
export function Badge({ tone, children, className }: { tone?: Tone; children: ReactNode; className?: string }) {
  return (
    <span
      className={cn(
        "inline-flex h-5 shrink-0 items-center gap-1 rounded-sm px-1.5 text-xs whitespace-nowrap",
        tone ? [toneSoft[tone], toneText[tone]] : "border text-muted",
        className,
      )}
    >
      {children}
    </span>
  );
}
