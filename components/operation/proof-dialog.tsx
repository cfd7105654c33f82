"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { OperationError } from "./operation-error";
import { useOperation } from "./use-operation";

const formId = "prove-who-you-are";

/** Asks for the password again before something sensitive. */
export function ProofDialog({ onAnswer }: { onAnswer: (proven: boolean) => void }) {
  const [password, setPassword] = useState("");
  const prove = useOperation("session.prove", { onDone: () => onAnswer(true) });
  const fieldError = prove.error?.fields?.password;
  return (
    <Dialog
      open
      onOpenChange={(next) => !next && onAnswer(false)}
      width="sm"
      title="Confirm that it is you"
      description="This is sensitive, and your last proof is older than 5 minutes."
      footer={
        <>
          <Button onClick={() => onAnswer(false)}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" pending={prove.pending} disabled={!password}>
            Confirm
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          void prove.run({ password });
        }}
      >
        <Field label="Your password" error={fieldError}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {!fieldError && <OperationError error={prove.error} className="mt-3" />}
      </form>
    </Dialog>
  );
}
