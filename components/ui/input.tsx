import { Search } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "./cn";

export const controlClass =
  "w-full rounded-md border border-control bg-surface px-2.5 text-fg transition-colors hover:border-muted disabled:opacity-60 aria-invalid:border-bad";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={cn(controlClass, "h-8", className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      spellCheck={false}
      className={cn(controlClass, "min-h-24 py-2 font-mono text-xs leading-5", className)}
      {...rest}
    />
  );
}

/** A filter box. `/` focuses the first on the page. */
export function SearchInput({ className, ...rest }: ComponentProps<"input"> & { "aria-label": string }) {
  return (
    <div className={cn("relative", className)}>
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted" />
      <input type="search" data-search className={cn(controlClass, "h-8 pl-8.5")} {...rest} />
    </div>
  );
}
