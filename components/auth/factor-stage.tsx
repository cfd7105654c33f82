"use client";

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import type { SignInStage } from "./use-sign-in";
import { CodeField, TotpSetUp } from "./totp-set-up";

type Common = { pending: boolean; error: string | undefined; onCode: (code: string) => void; onBack: () => void };

/** The second factor: a code of the app, a passkey, or a recovery code. */
export function FactorStage(props: Common & { stage: SignInStage & { kind: "factor" }; onPasskey: () => void }) {
  const { stage, pending, error, onCode, onBack, onPasskey } = props;
  const [code, setCode] = useState("");
  return (
    <form
      className="space-y-4"
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        onCode(code);
      }}
    >
      {stage.passkey && (
        <Button pending={pending} className="w-full justify-center" onClick={onPasskey}>
          <KeyRound aria-hidden /> Use your passkey
        </Button>
      )}
      <CodeField
        label={stage.totp ? "Code of your app, or a recovery code" : "Recovery code"}
        code={code}
        onCode={setCode}
        error={error}
      />
      <Button
        type="submit"
        variant="primary"
        pending={pending}
        disabled={code === ""}
        className="w-full justify-center"
      >
        Continue
      </Button>
      <Button variant="ghost" className="w-full justify-center" onClick={onBack}>
        Sign in as someone else
      </Button>
    </form>
  );
}

/** Where the setting asks for a second factor and there is none yet: a passkey, or an authenticator app. */
export function EnrolmentStage(props: Common & { stage: SignInStage & { kind: "enrolment" }; onPasskey: () => void }) {
  const [code, setCode] = useState("");
  return (
    <form
      className="space-y-4"
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        props.onCode(code);
      }}
    >
      <p className="text-muted">Your account must have a second factor before you can sign in.</p>
      {props.stage.passkey && (
        <>
          <Button pending={props.pending} className="w-full justify-center" onClick={props.onPasskey}>
            <KeyRound aria-hidden /> Set up a passkey
          </Button>
          <p className="text-xs text-muted">Or an authenticator app:</p>
        </>
      )}
      <TotpSetUp invitation={props.stage.invitation} code={code} onCode={setCode} error={props.error} />
      <Button
        type="submit"
        variant="primary"
        pending={props.pending}
        disabled={code === ""}
        className="w-full justify-center"
      >
        Continue
      </Button>
      <Button variant="ghost" className="w-full justify-center" onClick={props.onBack}>
        Sign in as someone else
      </Button>
    </form>
  );
}
