"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";

const noAnswer = "The console could not be reached. Check the connection and try again.";

async function signInWith(name: string, password: string): Promise<string | null> {
  const { signIn } = await import("next-auth/react");
  const result = await signIn("credentials", { name, password, redirect: false }).catch(() => null);
  return result === null || result === undefined ? noAnswer : result.error;
}

export function SignInForm({ target, created }: { target: string; created: boolean }) {
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
      <h1 className="text-lg font-semibold">Sign in to Ichor</h1>
      {created && (
        <Notice tone="ok" live>
          Your account is ready. Sign in with it.
        </Notice>
      )}
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
            autoFocus
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
