"use client";

import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";

export const TooltipProvider = Radix.Provider;

/**
 * A hint for one element that takes a ref and focus; null says nothing and leaves the same element there. Never the only
 * place of a fact.
 */
export function Tooltip(props: { label: ReactNode | null; children: ReactNode; side?: "top" | "bottom" }) {
  const { label, children, side } = props;
  return (
    <Radix.Root open={label === null ? false : undefined}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side ?? "top"}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-72 rounded-md border border-line-strong bg-raised px-2 py-1 text-xs text-fg shadow-float data-[state=delayed-open]:animate-rise"
        >
          {label}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
