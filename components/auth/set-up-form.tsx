"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import type { OperationFailure } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { setUpFirstAdmin } from "@/lib/api/actions";
import { paths } from "@/lib/core/paths";

const unreachable: OperationFailure = { code: "unavailable", message: "The console could not be reached. Try again." };

/** Creates the first administrator, then leads to signing in. */
export function SetUpForm({ token }: { token: string }) {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<OperationFailure | null>(null);
  const router = useRouter();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setPending(true);
    setError(null);
    const input = { token, name: String(form.get("name")), password: String(form.get("password")) };
    const result = await setUpFirstAdmin(input).catch(() => ({ ok: false as const, error: unreachable }));
    if (result.ok) return router.replace(`${paths.signIn()}?created`);
    setError(result.error);
    setPending(false);
  };
  const fields = error?.fields;
  return (
    <form onSubmit={submit} className="space-y-4" method="post">
      <div>
        <h1 className="text-lg font-semibold">Set up Ichor</h1>
        <p className="mt-1 text-muted">Create the first administrator. This link then ends.</p>
      </div>
      {!fields && <OperationError error={error} />}
      <Field label="Name" error={fields?.name} hint="Lower-case letters, digits, dot, hyphen, underscore, @.">
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
      <Field label="Password" error={fields?.password} hint="At least 12 characters.">
        {(control) => (
          <Input {...control} name="password" type="password" required autoComplete="new-password" minLength={12} />
        )}
      </Field>
      <Button type="submit" variant="primary" pending={pending} className="w-full justify-center">
        Create account
      </Button>
    </form>
  );
}
