"use client";

import { useState } from "react";
import type { OperationFailure } from "@/components/operation/use-operation";
import { continueSignIn } from "@/lib/api/actions";
import type { SignInProgress, SignInStep, TotpInvitation } from "@/lib/people/factors/schema";

export type SignInStage =
  | { kind: "password" }
  | { kind: "factor"; pending: string; totp: boolean; passkey: boolean }
  | { kind: "enrolment"; pending: string; passkey: boolean; invitation: TotpInvitation }
  | { kind: "codes"; ticket: string; codes: string[] };

const unreachable: OperationFailure = {
  code: "unavailable",
  message: "The console could not be reached. Check the connection and try again.",
};
const noPasskey: OperationFailure = {
  code: "refused",
  message: "The browser showed no passkey.",
  hint: "Try again, or use another way to sign in.",
};

const madeNoPasskey: OperationFailure = {
  code: "refused",
  message: "The browser made no passkey.",
  hint: "Try again, or use an authenticator app.",
};

/** The steps of a sign-in, up to the page that it leads to. */
export function useSignIn(target: string) {
  const [stage, setStage] = useState<SignInStage>({ kind: "password" });
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<OperationFailure | null>(null);

  const step = async (input: SignInStep): Promise<SignInProgress | null> => {
    const result = await continueSignIn(input).catch(() => ({ ok: false as const, error: unreachable }));
    if (result.ok) return result.data;
    setError(result.error);
    // What was under way is over: only the password begins it anew.
    if (input.step !== "password" && /has ended/.test(result.error.message)) setStage({ kind: "password" });
    return null;
  };

  const exchange = async (ticket: string): Promise<void> => {
    const { signIn } = await import("next-auth/react");
    const result = await signIn("credentials", { ticket, redirect: false }).catch(() => null);
    // A whole load, so that nothing from before the sign-in stays in the page.
    if (result && !result.error) return location.assign(target);
    setError(result?.error ? { code: "unauthenticated", message: result.error } : unreachable);
    setStage({ kind: "password" });
  };

  const advance = async (progress: SignInProgress | null): Promise<void> => {
    switch (progress?.state) {
      case "ready":
        if (progress.recoveryCodes === null) return exchange(progress.ticket);
        return setStage({ kind: "codes", ticket: progress.ticket, codes: progress.recoveryCodes });
      case "factor":
        return setStage({ kind: "factor", ...progress });
      case "enrolment": {
        const invited = await step({ step: "enrol", pending: progress.pending });
        if (invited?.state === "invited") setStage({ kind: "enrolment", ...progress, invitation: invited.invitation });
      }
    }
  };

  /** Does one thing at a time; the buttons wait meanwhile. */
  const busy = async (work: () => Promise<void>): Promise<void> => {
    setPending(true);
    setError(null);
    await work();
    setPending(false);
  };

  return {
    stage,
    pending,
    error,
    send: (input: SignInStep) => busy(async () => advance(await step(input))),
    /** Asks the browser for a passkey; `of` is the sign-in under way that it belongs to, or null for a passkey alone. */
    showPasskey: (of: string | null) =>
      busy(async () => {
        const asked = await step({ step: "passkey-options", pending: of });
        if (asked?.state !== "passkey-options") return;
        const { startAuthentication } = await import("@simplewebauthn/browser");
        const answer = await startAuthentication({ optionsJSON: asked.options as never }).catch(() => null);
        if (answer === null) return setError(noPasskey);
        await advance(await step({ step: "passkey", pending: of, answer: answer as never }));
      }),
    /** Has the browser make a passkey, as the factor that the account must have. */
    makePasskey: (of: string) =>
      busy(async () => {
        const asked = await step({ step: "enrol-passkey-options", pending: of });
        if (asked?.state !== "passkey-options") return;
        const { startRegistration } = await import("@simplewebauthn/browser");
        const answer = await startRegistration({ optionsJSON: asked.options as never }).catch(() => null);
        if (answer === null) return setError(madeNoPasskey);
        await advance(await step({ step: "enrol-passkey", pending: of, answer: answer as never }));
      }),
    exchange: (ticket: string) => busy(() => exchange(ticket)),
    again: () => {
      setError(null);
      setStage({ kind: "password" });
    },
  };
}
