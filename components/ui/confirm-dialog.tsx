"use client";

import { AlertDialog } from "radix-ui";
import { type ReactNode, useId, useState } from "react";
import { Button } from "./button";
import { cn } from "./cn";
import { CommandLine } from "./command-line";
import { dialogPanelClass, overlayClass } from "./dialog";
import { Input } from "./input";
import { useDialogFocus } from "./use-dialog-focus";

export type ConfirmDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** A verb and its target: `Reboot gpu-03?` */
  title: string;
  /** What will happen, in a sentence or two. */
  consequence: ReactNode;
  /** The `talosctl` lines that do the same. */
  commands: string[];
  /** What stands above them. */
  commandsLabel?: string;
  confirmLabel: string;
  /** Where `Cancel` itself is what is asked. */
  cancelLabel?: string;
  onConfirm: () => void;
  pending?: boolean;
  /** False while what is to be confirmed is not there to be read yet. */
  ready?: boolean;
  danger?: boolean;
  /** The person must type this first: for what cannot be taken back. */
  typeToConfirm?: string;
  /** The one place for the operation's error. */
  error?: ReactNode;
  children?: ReactNode;
};

/** Asks before a machine is touched: names target and consequence, shows the same command, focuses Cancel. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, title, consequence, commands, confirmLabel, onConfirm, pending, danger, error } = props;
  const [typed, setTyped] = useState("");
  const id = useId();
  const focus = useDialogFocus();
  const blocked = props.ready === false || (props.typeToConfirm !== undefined && typed !== props.typeToConfirm);
  const change = (next: boolean) => {
    if (pending) return;
    setTyped("");
    onOpenChange(next);
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={change}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={overlayClass} />
        <AlertDialog.Content
          {...focus}
          className={cn(dialogPanelClass, "top-[max(1rem,14dvh)] max-h-[calc(100dvh-max(1rem,14dvh)-1rem)] max-w-lg")}
        >
          <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-4">
            <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
            <AlertDialog.Description asChild>
              <div className="wrap-anywhere text-muted">{consequence}</div>
            </AlertDialog.Description>
            {props.children}
            {commands.length > 0 && (
              <div className="space-y-1">
                <p className="text-xs text-muted">{props.commandsLabel ?? "The same from a shell"}</p>
                <CommandLine lines={commands} />
              </div>
            )}
            {props.typeToConfirm !== undefined && (
              <div className="space-y-1">
                <label htmlFor={id}>
                  Type <strong className="font-mono">{props.typeToConfirm}</strong> to confirm
                </label>
                <Input
                  id={id}
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                  autoComplete="off"
                  spellCheck={false}
                />
              </div>
            )}
            {error}
          </div>
          <div className="flex flex-wrap justify-end gap-2 border-t px-4 py-3">
            <AlertDialog.Cancel asChild>
              <Button disabled={pending}>{props.cancelLabel ?? "Cancel"}</Button>
            </AlertDialog.Cancel>
            <Button variant={danger ? "danger" : "primary"} pending={pending} disabled={blocked} onClick={onConfirm}>
              {confirmLabel}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
