"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Disclosure } from "@/components/ui/disclosure";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { ProviderButton } from "./provider-button";

const noAnswer = "The console could not be reached. Check the connection and try again.";

async function signInWith(name: string, password: string): Promise<string | null> {
  const { signIn } = await import("next-auth/react");
  const result = await signIn("credentials", { name, password, redirect: false }).catch(() => null);
  return result === null || result === undefined ? noAnswer : result.error;
}

export type SignInFormProps = {
  target: string;
  created: boolean;
  /** Why a sign-in through the identity provider came back here. */
  problem: string | null;
  /** The words on the identity provider's button; null where there is no provider. */
  provider: string | null;
  /** With `admins` the form is folded away: it is for the day when the provider is down. */
  passwords: "everyone" | "admins";
};

/** The ways in: the identity provider where there is one, and a name with a password. */
export function SignInForm({ target, created, problem, provider, passwords }: SignInFormProps) {
  const folded = provider !== null && passwords === "admins";
  const form = <PasswordForm target={target} focus={!folded} />;
  return (
    <div className="space-y-4">
      <h1 className="text-lg font-semibold">Sign in to Ichor</h1>
      {created && (
        <Notice tone="ok" live>
          Your account is ready. Sign in with it.
        </Notice>
      )}
      {problem && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      {provider !== null && (
        <ProviderButton label={provider} target={target} variant={folded ? "primary" : "default"} />
      )}
      {folded ? (
        <Disclosure label="Use a local administrator’s account" open={problem !== null}>
          <div className="mt-3">{form}</div>
        </Disclosure>
      ) : (
        form
      )}
    </div>
  );
}

function PasswordForm({ target, focus }: { target: string; focus: boolean }) {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setPending(true);
    setError(null);
    const failure = await signInWith(String(form.get("name")), String(form.get("password")));
    // A whole load, so that nothing from before the sign-in stays in the page.
    if (failure === null) return location.assign(target);
    setError(failure);
    setPending(false);
  };
  return (
    <form onSubmit={submit} className="space-y-4" method="post">
      {error && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      <Field label="Name">
        {(control) => (
          <Input
            {...control}
            name="name"
            required
            autoFocus={focus}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
      </Field>
      <Field label="Password">
        {(control) => <Input {...control} name="password" type="password" required autoComplete="current-password" />}
      </Field>
      <Button type="submit" variant="primary" pending={pending} className="w-full justify-center">
        Sign in
      </Button>
    </form>
  );
}
