"use client";

import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { UserView } from "@/lib/people/schema";

const formId = "set-password";

/** An admin gives an account another password; its sessions end. */
export function PasswordDialog({ user, onClose }: { user: UserView; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const set = useOperation("user.set-password", {
    onDone: onClose,
    done: () => ({ title: `${user.name} has another password; their sessions ended` }),
  });
  const fieldError = set.error?.fields?.password;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="sm"
      title={`Set the password of ${user.name}`}
      description="Their sessions end at once. Tell them the password on another way."
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
        <Field label="New password" hint="At least 12 characters." error={fieldError}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {!fieldError && <OperationError error={set.error} className="mt-3" />}
      </form>
    </Dialog>
  );
}
