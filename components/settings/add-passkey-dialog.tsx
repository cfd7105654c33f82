"use client";

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";

const formId = "add-passkey";
type Props = { onCodes: (codes: string[] | null) => void; unavailable: string | null };

/** Has the browser make a passkey, and adds it. */
export function AddPasskeyDialog({ onCodes, unavailable }: Props) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [cancelled, setCancelled] = useState(false);
  const start = useOperation("factor.start-passkey");
  const add = useOperation("factor.add-passkey", {
    done: () => ({ title: "The passkey is added" }),
    onDone: ({ recoveryCodes }) => {
      change(false);
      onCodes(recoveryCodes);
    },
  });
  const change = (next: boolean) => {
    setOpen(next);
    setCancelled(false);
    if (next) return;
    setName("");
    start.reset();
    add.reset();
  };
  const make = async () => {
    setCancelled(false);
    const started = await start.run({});
    if (!started.ok) return;
    const { startRegistration } = await import("@simplewebauthn/browser");
    const answer = await startRegistration({ optionsJSON: started.data.options as never }).catch(() => null);
    if (answer === null) return setCancelled(true);
    await add.run({ name, answer: answer as never });
  };
  return (
    <>
      <GatedButton size="sm" reason={unavailable} onClick={() => change(true)}>
        <KeyRound aria-hidden /> Add passkey…
      </GatedButton>
      <Dialog
        open={open}
        onOpenChange={change}
        width="sm"
        title="Add a passkey"
        description="It signs you in by itself, or after your password. This device or a security key keeps it."
        footer={
          <>
            <Button onClick={() => change(false)}>Cancel</Button>
            <Button
              type="submit"
              form={formId}
              variant="primary"
              pending={start.pending || add.pending}
              disabled={name.trim() === ""}
            >
              Make passkey
            </Button>
          </>
        }
      >
        <form
          id={formId}
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <Field
            label="Name"
            hint="To tell it from others, such as the device that keeps it."
            error={add.error?.fields?.name}
          >
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                maxLength={60}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          {cancelled && (
            <Notice tone="bad" live>
              The browser made no passkey: it was cancelled, or this device has one for you already.
            </Notice>
          )}
          <OperationError error={start.error ?? (add.error?.fields ? null : add.error)} />
        </form>
      </Dialog>
    </>
  );
}
