import type { ReactNode } from "react";
import { cn } from "./cn";

/** A bordered surface. */
export function Card({ children, className, id }: { children: ReactNode; className?: string; id?: string }) {
  return (
    <div id={id} className={cn("min-w-0 overflow-hidden rounded-lg border bg-surface", className)}>
      {children}
    </div>
  );
}

export type PanelProps = {
  title: ReactNode;
  /** Text or controls at the right end of the heading. */
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  bodyClassName?: string;
  level?: 2 | 3;
  id?: string;
};

/** A card with a heading line: the unit that pages are made of. */
export function Panel({ title, aside, children, className, bodyClassName, level = 2, id }: PanelProps) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <section id={id} className={cn("min-w-0 overflow-hidden rounded-lg border bg-surface", className)}>
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b px-3.5 py-2">
        <Heading className="flex min-w-0 items-center gap-2 font-semibold">{title}</Heading>
        {aside && <div className="flex min-w-0 items-center gap-2 text-muted">{aside}</div>}
      </div>
      <div className={bodyClassName ?? "p-3.5"}>{children}</div>
    </section>
  );
}
