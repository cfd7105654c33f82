import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

/** What not every reader wants to see, one press away. */
export function Disclosure(props: { label: ReactNode; children: ReactNode; open?: boolean; className?: string }) {
  const { label, children, open, className } = props;
  return (
    <details open={open} className={cn("group/disclosure", className)}>
      <summary className="inline-flex min-h-6 cursor-default items-center gap-1 rounded-sm text-xs text-muted hover:text-fg">
        <ChevronRight aria-hidden className="size-3 transition-transform group-open/disclosure:rotate-90" />
        {label}
      </summary>
      {children}
    </details>
  );
}
