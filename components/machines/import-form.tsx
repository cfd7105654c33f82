"use client";

import { FileUp } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { Button, ButtonLink } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { countOf } from "@/lib/core/units";
import { paths } from "@/lib/core/paths";

/** A cluster that runs already: its talosconfig is all that is needed. */
export function ImportForm() {
  const router = useRouter();
  const refusal = useRoleRefusal("admin");
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [context, setContext] = useState("");
  const [renew, setRenew] = useState(false);
  const [silent, setSilent] = useState<{ clusterId: string; names: string[] } | null>(null);
  const { run, pending, error } = useOperation("talosconfig.import", {
    done: ({ name, nodes }) => ({ title: `${name} imported with ${countOf(nodes, "node")}`, href: paths.nodes() }),
    onDone: ({ clusterId, silent: names }) => {
      setText("");
      if (names.length > 0) setSilent({ clusterId, names });
      else router.push(paths.cluster(clusterId));
    },
  });
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        void run({ talosconfig: text, renew, ...(context.trim() && { context: context.trim() }) });
      }}
    >
      <p className="text-muted">
        The cluster and all its members appear, with roles, versions, schematics and GPUs. Nothing is installed on it,
        and nothing is stored unless all of it could be read. The file is kept encrypted and never shown again.
      </p>
      <Field label="talosconfig" error={error?.fields?.talosconfig}>
        {(control) => (
          <Textarea
            {...control}
            className="h-48"
            autoComplete="off"
            placeholder={"context: my-cluster\ncontexts:\n    my-cluster:\n        endpoints: …"}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <input
        ref={file}
        type="file"
        aria-label="Choose a talosconfig file"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          void event.target.files?.[0]?.text().then(setText);
          event.target.value = "";
        }}
      />
      <div className="grid items-start gap-3 sm:grid-cols-2">
        <Field label="Context" optional hint="By default the selected one." error={error?.fields?.context}>
          {(control) => (
            <Input
              {...control}
              spellCheck={false}
              value={context}
              onChange={(event) => setContext(event.target.value)}
            />
          )}
        </Field>
        <label className="flex items-start gap-1.5 sm:pt-6">
          <Checkbox checked={renew} onChange={(event) => setRenew(event.target.checked)} />
          <span className="pt-0.5">Replace the credentials of a cluster that is here already</span>
        </label>
      </div>
      {!error?.fields && <OperationError error={error} />}
      {silent && (
        <Notice
          tone="warn"
          live
          title={`Imported; ${countOf(silent.names.length, "member")} did not answer`}
          action={
            <ButtonLink size="sm" href={paths.cluster(silent.clusterId)}>
              Open the cluster
            </ButtonLink>
          }
        >
          {silent.names.join(", ")}. They are listed, and Ichor keeps trying.
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          type="submit"
          variant="primary"
          pending={pending}
          disabled={!text.trim() || refusal !== null}
          title={refusal ?? undefined}
        >
          Import cluster
        </Button>
        <Button onClick={() => file.current?.click()}>
          <FileUp aria-hidden /> Choose file…
        </Button>
      </div>
      {refusal && <p className="text-xs text-muted">{refusal}</p>}
    </form>
  );
}
