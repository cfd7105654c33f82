"use client";

import { CircleX } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "./cn";

export type FieldControl = { id: string; "aria-describedby"?: string; "aria-invalid"?: true };
export type FieldProps = {
  label: ReactNode;
  /** What to enter, before anything is wrong. */
  hint?: ReactNode;
  /** What is wrong with this field and what is expected. */
  error?: string | null;
  optional?: boolean;
  /** Gets the attributes that tie it to label, hint and error. */
  children: (control: FieldControl) => ReactNode;
  className?: string;
};

/** Label, control, hint and error as one. */
export function Field({ label, hint, error, optional, children, className }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={cn("space-y-1", className)}>
      <label htmlFor={id} className="block font-medium">
        {label}
        {optional && <span className="font-normal text-muted"> (optional)</span>}
      </label>
      {children({ id, ...(described && { "aria-describedby": described }), ...(error && { "aria-invalid": true }) })}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-xs text-bad">
          <CircleX aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          {error}
        </p>
      )}
    </div>
  );
}
