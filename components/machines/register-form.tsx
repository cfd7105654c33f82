"use client";

import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { paths } from "@/lib/core/paths";

const empty = { hostname: "", mac: "", uuid: "" };

/** A machine that was never seen: known by its MAC address or UUID when it first boots. */
export function RegisterForm() {
  const refusal = useRoleRefusal("operator");
  const [input, setInput] = useState(empty);
  const { run, pending, error } = useOperation("machine.register", {
    done: ({ nodeId }) => ({ title: `${input.hostname} is registered`, href: paths.node(nodeId) }),
    onDone: () => setInput(empty),
  });
  const set = (part: Partial<typeof empty>) => setInput({ ...input, ...part });
  const { hostname, mac, uuid } = input;
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        void run({ hostname, ...(mac.trim() && { mac }), ...(uuid.trim() && { uuid }) });
      }}
    >
      <p className="text-muted">
        When it boots over the network, Ichor&apos;s iPXE script knows it by these: the first time it hands out plain
        Talos in maintenance mode, later the machine&apos;s own image. Its boot media are on its page at once.
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Hostname" error={error?.fields?.hostname}>
          {(control) => (
            <Input
              {...control}
              spellCheck={false}
              autoComplete="off"
              value={hostname}
              onChange={(event) => set({ hostname: event.target.value })}
            />
          )}
        </Field>
        <Field label="MAC address" hint="0c:c4:7a:12:34:56" error={error?.fields?.mac}>
          {(control) => (
            <Input
              {...control}
              className="font-mono"
              spellCheck={false}
              autoComplete="off"
              value={mac}
              onChange={(event) => set({ mac: event.target.value })}
            />
          )}
        </Field>
        <Field
          label="UUID"
          hint="As the firmware tells it; a MAC address or a UUID is enough."
          error={error?.fields?.uuid}
          className="sm:col-span-2"
        >
          {(control) => (
            <Input
              {...control}
              className="font-mono"
              spellCheck={false}
              autoComplete="off"
              value={uuid}
              onChange={(event) => set({ uuid: event.target.value })}
            />
          )}
        </Field>
      </div>
      {!error?.fields && <OperationError error={error} />}
      <Button
        type="submit"
        variant="primary"
        pending={pending}
        disabled={!hostname.trim() || !(mac.trim() || uuid.trim()) || refusal !== null}
        title={refusal ?? undefined}
      >
        Register machine
      </Button>
    </form>
  );
}
