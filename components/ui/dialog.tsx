"use client";

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";
import { cn } from "./cn";
import { useDialogFocus } from "./use-dialog-focus";

export const overlayClass = "fixed inset-0 z-50 bg-shade data-[state=open]:animate-rise";
export const dialogPanelClass =
  "fixed left-1/2 z-50 flex w-[calc(100vw-1.5rem)] -translate-x-1/2 flex-col rounded-lg border border-line-strong bg-surface shadow-float";

const widths = { sm: "max-w-md", md: "max-w-xl", lg: "max-w-3xl" };

export type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** One sentence under the title. */
  description?: ReactNode;
  children: ReactNode;
  /** Buttons, right-aligned. */
  footer?: ReactNode;
  width?: keyof typeof widths;
  /** A press outside and Escape do not close it: what it shows is shown once. */
  sticky?: boolean;
};

const stay = (event: Event) => event.preventDefault();

/** A dialog with content. Focus goes in to its first field, stays in, and returns to what opened it. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  width = "md",
  sticky,
}: DialogProps) {
  const focus = useDialogFocus(true);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={overlayClass} />
        <Radix.Content
          className={cn(
            dialogPanelClass,
            "top-[max(1rem,8dvh)] max-h-[calc(100dvh-max(1rem,8dvh)-1rem)]",
            widths[width],
          )}
          {...focus}
          {...(description ? {} : { "aria-describedby": undefined })}
          {...(sticky && { onInteractOutside: stay, onEscapeKeyDown: stay })}
        >
          <div className="flex items-start justify-between gap-4 border-b px-4 py-3">
            <div className="min-w-0">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-0.5 text-muted">{description}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <Button variant="ghost" size="icon-sm" aria-label="Close">
                <X aria-hidden />
              </Button>
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto p-4">{children}</div>
          {footer && <div className="flex flex-wrap justify-end gap-2 border-t px-4 py-3">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
