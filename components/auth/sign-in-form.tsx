"use client";

import { KeyRound } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Disclosure } from "@/components/ui/disclosure";
import { Notice } from "@/components/ui/notice";
import { EnrolmentStage, FactorStage } from "./factor-stage";
import { PasswordStage } from "./password-stage";
import { ProviderButton } from "./provider-button";
import { RecoveryCodes } from "./recovery-codes";
import { useSignIn } from "./use-sign-in";

export type SignInFormProps = {
  target: string;
  created: boolean;
  /** Whether it was a session that has ended which led here. */
  ended: boolean;
  /** Why a sign-in through the identity provider came back here. */
  problem: string | null;
  /** The words on the identity provider's button; null where there is no provider. */
  provider: string | null;
  /** With `admins` the form is folded away: it is for the day when the provider is down. */
  passwords: "everyone" | "admins";
  /** Whether browsers have passkeys at this address. */
  passkeys: boolean;
};

/** The ways in: the identity provider where there is one, a name with a password and what the account asks for besides, a passkey. */
export function SignInForm({ target, created, ended, problem, provider, passwords, passkeys }: SignInFormProps) {
  const { stage, pending, error, send, showPasskey, makePasskey, exchange, again } = useSignIn(target);
  const folded = provider !== null && passwords === "admins";
  const own = (
    <div className="space-y-3">
      <PasswordStage
        pending={pending}
        focus={!folded}
        onSubmit={(name, password) => void send({ step: "password", name, password })}
      />
      {passkeys && (
        <Button
          variant="ghost"
          pending={pending}
          className="w-full justify-center"
          onClick={() => void showPasskey(null)}
        >
          <KeyRound aria-hidden /> Use a passkey
        </Button>
      )}
    </div>
  );
  const codeError = error?.fields?.code;
  return (
    <div className="space-y-4">
      <h1 className="text-lg font-semibold">Sign in to Ichor</h1>
      {created && stage.kind === "password" && (
        <Notice tone="ok" live>
          Your account is ready. Sign in with it.
        </Notice>
      )}
      {ended && !problem && !error && stage.kind === "password" && (
        <Notice tone="info" live>
          Your session has ended. Sign in again to go on where you were.
        </Notice>
      )}
      {problem && !error && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      {error && !codeError && (
        <Notice tone="bad" live title={error.message}>
          {error.hint}
        </Notice>
      )}
      {stage.kind === "password" && provider !== null && (
        <ProviderButton label={provider} target={target} variant={folded ? "primary" : "default"} />
      )}
      {stage.kind === "password" && !folded && own}
      {stage.kind === "password" && folded && (
        <Disclosure label="Use a local administrator’s account" open={problem !== null}>
          <div className="mt-3">{own}</div>
        </Disclosure>
      )}
      {stage.kind === "factor" && (
        <FactorStage
          stage={stage}
          pending={pending}
          error={codeError}
          onCode={(code) => void send({ step: "code", pending: stage.pending, code })}
          onPasskey={() => void showPasskey(stage.pending)}
          onBack={again}
        />
      )}
      {stage.kind === "enrolment" && (
        <EnrolmentStage
          stage={stage}
          pending={pending}
          error={codeError}
          onCode={(code) => void send({ step: "confirm", pending: stage.pending, code })}
          onPasskey={() => void makePasskey(stage.pending)}
          onBack={again}
        />
      )}
      {stage.kind === "codes" && (
        <>
          <RecoveryCodes codes={stage.codes} />
          <Button
            variant="primary"
            pending={pending}
            className="w-full justify-center"
            onClick={() => void exchange(stage.ticket)}
          >
            I have kept them
          </Button>
        </>
      )}
    </div>
  );
}
