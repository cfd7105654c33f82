"use client";

import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { UserView } from "@/lib/people/schema";
import { NewPasswordField } from "./new-password-field";

const formId = "set-password";

/** An admin gives an account another password; its sessions end. */
export function PasswordDialog({ user, onClose }: { user: UserView; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const set = useOperation("user.set-password", {
    onDone: onClose,
    done: () => ({ title: `${user.name} has another password; their sessions and tokens ended` }),
  });
  const fieldError = set.error?.fields?.password;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="sm"
      title={`Set the password of ${user.name}`}
      description="Their sessions and API tokens end at once. Tell them the password on another way."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" pending={set.pending} disabled={!password}>
            Set password
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          void set.run({ userId: user.id, password });
        }}
      >
        <NewPasswordField value={password} onChange={setPassword} error={fieldError} />
        {!fieldError && <OperationError error={set.error} className="mt-3" />}
      </form>
    </Dialog>
  );
}
