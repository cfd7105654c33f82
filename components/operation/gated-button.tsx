"use client";

import { Button, type ButtonProps } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";

/** A button that stays where it is when it cannot be pressed, and says why. */
export function GatedButton({ reason, onClick, ...rest }: ButtonProps & { reason: string | null }) {
  if (reason === null) return <Button onClick={onClick} {...rest} />;
  return (
    <Tooltip label={reason} side="bottom">
      <Button {...rest} type="button" aria-disabled />
    </Tooltip>
  );
}
