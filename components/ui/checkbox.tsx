"use client";

import { Check, Minus } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "./cn";

export type CheckboxProps = Omit<ComponentProps<"input">, "type" | "ref"> & { indeterminate?: boolean };

/** A native checkbox in a 24 px target. Give it a `<label>` or an `aria-label`. */
export function Checkbox({ indeterminate = false, className, ...rest }: CheckboxProps) {
  const setMixed = (element: HTMLInputElement | null) => {
    if (element) element.indeterminate = indeterminate;
  };
  return (
    <span className={cn("relative inline-flex size-6 shrink-0 items-center justify-center", className)}>
      <input
        type="checkbox"
        ref={setMixed}
        className="peer absolute inset-1 size-4 cursor-pointer appearance-none rounded-sm border border-control bg-surface checked:border-accent checked:bg-accent indeterminate:border-accent indeterminate:bg-accent disabled:opacity-50 hover:border-muted checked:hover:border-accent"
        {...rest}
      />
      {indeterminate ? (
        <Minus aria-hidden className="pointer-events-none relative size-3 stroke-3 text-on-accent" />
      ) : (
        <Check
          aria-hidden
          className="pointer-events-none relative size-3 stroke-3 text-on-accent opacity-0 peer-checked:opacity-100"
        />
      )}
    </span>
  );
}
