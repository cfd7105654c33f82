import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

/** What not every reader wants to see, one press away. */
export function Disclosure({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <details className="group/disclosure">
      <summary className="inline-flex min-h-6 cursor-default items-center gap-1 rounded-sm text-xs text-muted hover:text-fg">
        <ChevronRight aria-hidden className="size-3 transition-transform group-open/disclosure:rotate-90" />
        {label}
      </summary>
      {children}
    </details>
  );
}
