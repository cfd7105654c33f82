"use client";

import { Smartphone } from "lucide-react";
import { useState } from "react";
import { TotpSetUp } from "@/components/auth/totp-set-up";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { TotpInvitation } from "@/lib/people/factors/schema";

const formId = "add-totp";

/** Sets up an authenticator app. */
export function AddTotpDialog({ onCodes }: { onCodes: (codes: string[] | null) => void }) {
  const [invitation, setInvitation] = useState<TotpInvitation | null>(null);
  const [code, setCode] = useState("");
  const close = () => {
    setInvitation(null);
    setCode("");
    confirm.reset();
  };
  const start = useOperation("factor.start-totp", { onDone: setInvitation });
  const confirm = useOperation("factor.confirm-totp", {
    done: () => ({ title: "The authenticator app is your second factor now" }),
    onDone: ({ recoveryCodes }) => {
      close();
      onCodes(recoveryCodes);
    },
  });
  return (
    <>
      <Button size="sm" pending={start.pending} onClick={() => void start.run({})}>
        <Smartphone aria-hidden /> Add authenticator app…
      </Button>
      <OperationError error={start.error} />
      <Dialog
        open={invitation !== null}
        onOpenChange={(open) => !open && close()}
        width="sm"
        title="Add an authenticator app"
        footer={
          <>
            <Button onClick={close}>Cancel</Button>
            <Button type="submit" form={formId} variant="primary" pending={confirm.pending} disabled={code === ""}>
              Add
            </Button>
          </>
        }
      >
        {invitation && (
          <form
            id={formId}
            className="space-y-3"
            onSubmit={(event) => {
              event.preventDefault();
              void confirm.run({ code });
            }}
          >
            <TotpSetUp invitation={invitation} code={code} onCode={setCode} error={confirm.error?.fields?.code} />
            {!confirm.error?.fields && <OperationError error={confirm.error} />}
          </form>
        )}
      </Dialog>
    </>
  );
}
