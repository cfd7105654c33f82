"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";

const formId = "restore-backup";
type Props = { file: string | null; passphrase: boolean; onClose: () => void };

/** Opens and proves a back-up, and lays it ready for the next start. The secret is sent once and kept nowhere. */
export function RestoreDialog({ file, passphrase, onClose }: Props) {
  const router = useRouter();
  const [secret, setSecret] = useState("");
  const close = () => {
    setSecret("");
    restore.reset();
    onClose();
  };
  const restore = useOperation("backup.restore", {
    done: () => ({
      title: "The back-up opens and lies ready",
      description: "Restart the server to put it in place.",
    }),
    onDone: () => {
      close();
      router.refresh();
    },
  });
  return (
    <Dialog
      open={file !== null}
      onOpenChange={(open) => {
        if (!open) close();
      }}
      width="sm"
      title="Restore this back-up?"
      description={file ?? undefined}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" pending={restore.pending} disabled={secret === ""}>
            Prove and lay ready
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (file !== null) void restore.run({ file, secret });
        }}
      >
        <Notice tone="warn">
          At its next start Ichor goes back to what it knew then: accounts, tokens, clusters, audit log. What is here
          now is set aside in the data directory. All sessions end, and runs that were at work are halted.
        </Notice>
        <Field
          label={passphrase ? "Passphrase" : "age identity"}
          hint={passphrase ? "The one that it was encrypted with." : "AGE-SECRET-KEY-1…, of one of its recipients."}
        >
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="off"
              value={secret}
              onChange={(event) => setSecret(event.target.value)}
            />
          )}
        </Field>
        <OperationError error={restore.error} />
      </form>
    </Dialog>
  );
}
