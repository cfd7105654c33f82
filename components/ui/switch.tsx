import type { ComponentProps } from "react";
import { cn } from "./cn";

/** On or off, at once. A native checkbox with the switch role; give it a `<label>` or an `aria-label`. */
export function Switch({ className, ...rest }: Omit<ComponentProps<"input">, "type" | "role">) {
  return (
    <input
      type="checkbox"
      role="switch"
      className={cn(
        "relative h-6 w-10 shrink-0 cursor-pointer appearance-none rounded-full border border-control bg-raised transition-colors",
        "before:absolute before:top-[3px] before:left-[3px] before:size-4 before:rounded-full before:bg-control before:transition-transform",
        "checked:border-accent checked:bg-accent checked:before:translate-x-4 checked:before:bg-on-accent disabled:opacity-50",
        className,
      )}
      {...rest}
    />
  );
}
