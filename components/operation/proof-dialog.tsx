"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { OperationError } from "./operation-error";
import { OwnProof } from "./own-proof";
import { ProviderProof } from "./provider-proof";
import { useProof } from "./use-proof";

const formId = "prove-who-you-are";

/** Asks again for what the sign-in asked for, before something sensitive. */
export function ProofDialog({ onAnswer }: { onAnswer: (proven: boolean) => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { ways, pending, fields, error, showPasskey, byPassword } = useProof(() => onAnswer(true));
  const asksForCode = ways?.by === "own" && ways.code !== "none";
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
          {ways?.by === "own" && (
            <Button
              type="submit"
              form={formId}
              variant="primary"
              pending={pending}
              disabled={!password || (asksForCode && !code)}
            >
              Confirm
            </Button>
          )}
        </>
      }
    >
      <div className="space-y-3">
        {!ways && !error && <p className="text-muted">Looking up how you can confirm it is you…</p>}
        {ways?.by === "own" && (
          <OwnProof
            formId={formId}
            ways={ways}
            pending={pending}
            fields={fields}
            password={password}
            onPassword={setPassword}
            code={code}
            onCode={setCode}
            onPasskey={() => void showPasskey()}
            onSubmit={() => void byPassword(password, asksForCode ? code : null)}
          />
        )}
        {ways?.by === "provider" && <ProviderProof label={ways.label} />}
        <OperationError error={error} />
      </div>
    </Dialog>
  );
}
