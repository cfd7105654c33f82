"use client";

import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

type Props = { pending: boolean; focus: boolean; onSubmit: (name: string, password: string) => void };

/** A name and a password. */
export function PasswordStage({ pending, focus, onSubmit }: Props) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onSubmit(String(form.get("name")), String(form.get("password")));
  };
  return (
    <form onSubmit={submit} className="space-y-4" method="post">
      <Field label="Name">
        {(control) => (
          <Input
            {...control}
            name="name"
            required
            autoFocus={focus}
            autoComplete="username webauthn"
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
