"use client";

import { KeyRound, Smartphone, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { RecoveryCodes } from "@/components/auth/recovery-codes";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import type { FactorsView } from "@/lib/people/factors/schema";
import { AddPasskeyDialog } from "./add-passkey-dialog";
import { AddTotpDialog } from "./add-totp-dialog";

type Removing = { kind: "totp" } | { kind: "passkey"; id: string; name: string };
type Props = {
  factors: FactorsView;
  /** Why this browser has no passkeys here; null where it has. */
  noPasskeys: string | null;
};

/** One's second factors and recovery codes. */
export function SignInPanel({ factors, noPasskeys }: Props) {
  const router = useRouter();
  const [removing, setRemoving] = useState<Removing | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const remove = useOperation("factor.remove", {
    onDone: () => {
      setRemoving(null);
      router.refresh();
    },
  });
  const renew = useOperation("factor.new-recovery-codes", { onDone: ({ recoveryCodes }) => show(recoveryCodes) });
  const show = (made: string[] | null) => {
    setCodes(made);
    router.refresh();
  };
  if (factors.managedElsewhere)
    return (
      <Panel title="Your sign-in">
        <p className="text-muted">You sign in through the identity provider; your second factor is set up there.</p>
      </Panel>
    );
  const none = factors.totp === null && factors.passkeys.length === 0;
  return (
    <Panel title="Your sign-in" aside="second factors">
      <div className="max-w-xl space-y-3">
        {none && (
          <Notice tone={factors.required ? "warn" : "info"}>
            {factors.required
              ? "Your account must have a second factor: add one now, or the next sign-in asks for it."
              : "Your password alone signs you in. With a second factor, a stolen password is not enough."}
          </Notice>
        )}
        <ul className="divide-y">
          {factors.totp && (
            <FactorRow
              icon={<Smartphone aria-hidden className="size-4 text-muted" />}
              name="Authenticator app"
              about={
                <>
                  added <RelativeTime atMs={factors.totp.createdAtMs} />
                </>
              }
              onRemove={() => setRemoving({ kind: "totp" })}
            />
          )}
          {factors.passkeys.map((key) => (
            <FactorRow
              key={key.id}
              icon={<KeyRound aria-hidden className="size-4 text-muted" />}
              name={key.name}
              about={
                <>
                  passkey for {key.rpId}
                  {key.lastUsedAtMs === null ? ", never used" : ", used "}
                  {key.lastUsedAtMs !== null && <RelativeTime atMs={key.lastUsedAtMs} />}
                </>
              }
              onRemove={() => setRemoving({ kind: "passkey", id: key.id, name: key.name })}
            />
          ))}
        </ul>
        <div className="flex flex-wrap gap-2">
          {!factors.totp && <AddTotpDialog onCodes={show} />}
          <AddPasskeyDialog onCodes={show} unavailable={noPasskeys} />
        </div>
        {!none && (
          <p className="flex flex-wrap items-center gap-2 text-muted">
            {factors.recoveryCodesLeft} of 10 recovery codes left.
            <Button size="sm" pending={renew.pending} onClick={() => void renew.run({})}>
              New recovery codes
            </Button>
          </p>
        )}
        <OperationError error={renew.error} />
      </div>
      {removing && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setRemoving(null)}
          title={removing.kind === "totp" ? "Remove the authenticator app?" : `Remove the passkey ${removing.name}?`}
          consequence="It then signs you in no more. With your last factor the recovery codes end too."
          commands={[]}
          confirmLabel="Remove"
          danger
          pending={remove.pending}
          error={<OperationError error={remove.error} />}
          onConfirm={() =>
            void remove.run(removing.kind === "totp" ? { kind: "totp" } : { kind: "passkey", id: removing.id })
          }
        />
      )}
      <Dialog
        open={codes !== null}
        onOpenChange={(open) => !open && setCodes(null)}
        width="sm"
        sticky
        title="Your recovery codes"
        footer={
          <Button variant="primary" onClick={() => setCodes(null)}>
            I have kept them
          </Button>
        }
      >
        {codes && <RecoveryCodes codes={codes} />}
      </Dialog>
    </Panel>
  );
}

function FactorRow(props: { icon: React.ReactNode; name: string; about: React.ReactNode; onRemove: () => void }) {
  return (
    <li className="flex items-center gap-3 py-2">
      {props.icon}
      <span className="min-w-0 flex-1">
        <span className="font-medium wrap-anywhere">{props.name}</span>
        <span className="block text-xs text-muted">{props.about}</span>
      </span>
      <Button variant="ghost" size="icon" aria-label={`Remove ${props.name}`} onClick={props.onRemove}>
        <Trash2 aria-hidden />
      </Button>
    </li>
  );
}
