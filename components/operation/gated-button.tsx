"use client";

import { Button, type ButtonProps } from "@/components/ui/button";

/**
 * A button that stays where it is when it cannot be pressed, and says why. The same element in both states, so that focus
 * comes back to it when a dialog that it opened has closed.
 */
export function GatedButton({ reason, onClick, type, ...rest }: ButtonProps & { reason: string | null }) {
  return (
    <Button
      {...rest}
      type={reason === null ? type : "button"}
      title={reason ?? undefined}
      aria-disabled={reason !== null || undefined}
      onClick={reason === null ? onClick : undefined}
    />
  );
}
