"use client";

import { KeyRound } from "lucide-react";
import { CodeField } from "@/components/auth/totp-set-up";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { ProofWays } from "@/lib/people/schema";

type Props = {
  formId: string;
  ways: ProofWays & { by: "own" };
  pending: boolean;
  /** What is wrong, by field. */
  fields: Record<string, string> | undefined;
  password: string;
  onPassword: (password: string) => void;
  code: string;
  onCode: (code: string) => void;
  onPasskey: () => void;
  onSubmit: () => void;
};

/** What an account of Ichor's own proves itself with: a passkey, or the password and what stands beside it at the sign-in. */
export function OwnProof({ formId, ways, pending, fields, onPasskey, onSubmit, ...values }: Props) {
  return (
    <form
      id={formId}
      method="post"
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {ways.passkey && (
        <>
          <Button pending={pending} className="w-full justify-center" onClick={onPasskey}>
            <KeyRound aria-hidden /> Use your passkey
          </Button>
          <p className="text-xs text-muted">Or with your password:</p>
        </>
      )}
      <Field label="Your password" error={fields?.password}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="current-password"
            // The dialog was there before this field.
            autoFocus={!ways.passkey}
            value={values.password}
            onChange={(event) => values.onPassword(event.target.value)}
          />
        )}
      </Field>
      {ways.code !== "none" && (
        <CodeField
          label={ways.code === "app" ? "Code of your app, or a recovery code" : "Recovery code"}
          code={values.code}
          onCode={values.onCode}
          error={fields?.code}
          focus={false}
        />
      )}
    </form>
  );
}
