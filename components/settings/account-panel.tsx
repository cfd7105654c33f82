"use client";

import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { NewPasswordField } from "./new-password-field";

/**
 * One's own password, and the way out of every session. Both end the session that did it: the next page asks to sign in.
 */
export function AccountPanel({ name, role }: { name: string; role: string }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const leave = () => window.location.reload();
  const change = useOperation("session.change-password", { onDone: leave });
  const signOut = useOperation("session.sign-out-everywhere", { onDone: leave });
  return (
    <Panel
      title="Your account"
      aside={
        <span>
          {name} · {role}
        </span>
      }
    >
      <form
        className="grid max-w-xl gap-3 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          void change.run({ current, password });
        }}
      >
        <Field label="Current password" error={change.error?.fields?.current}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
        <NewPasswordField value={password} onChange={setPassword} error={change.error?.fields?.password} />
        <p className="text-xs text-muted sm:col-span-2">A new password ends your sessions and your API tokens.</p>
        {!change.error?.fields && <OperationError error={change.error} className="sm:col-span-2" />}
        <OperationError error={signOut.error} className="sm:col-span-2" />
        <div className="flex flex-wrap gap-2 sm:col-span-2">
          <Button type="submit" pending={change.pending} disabled={!current || !password}>
            Change password
          </Button>
          <Button variant="ghost" pending={signOut.pending} onClick={() => void signOut.run({})}>
            Sign out everywhere
          </Button>
        </div>
      </form>
    </Panel>
  );
}
