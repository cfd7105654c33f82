"use client";

import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { CommandLine } from "@/components/ui/command-line";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import type { ClusterView } from "@/lib/inventory/schema";

const bundleCommand = "talosctl gen secrets --from-controlplane-config controlplane.yaml --output-file secrets.yaml";

/** Adds the secrets bundle of a cluster that was imported by its talosconfig. */
export function ImportSecretsDialog({ cluster, onClose }: { cluster: ClusterView; onClose: () => void }) {
  const file = useRef<HTMLInputElement>(null);
  const [bundle, setBundle] = useState("");
  const load = useOperation("cluster.import-secrets", {
    done: ({ name }) => ({ title: `The secrets of ${name} are held`, description: "Machines can be adopted into it." }),
    onDone: onClose,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !load.pending && onClose()}
      title={`Import the secrets of ${cluster.name}`}
      description="Machines can then be adopted into it, and short-lived certificates are made here."
      footer={
        <>
          <Button onClick={onClose} disabled={load.pending}>
            Cancel
          </Button>
          <Button
            variant="primary"
            pending={load.pending}
            disabled={!bundle.trim()}
            onClick={() => void load.run({ clusterId: cluster.id, bundle })}
          >
            Import secrets
          </Button>
        </>
      }
    >
      <div className="space-y-3">
        <Field
          label="Secrets bundle"
          hint="It is kept encrypted and never shown again. One of another cluster is refused."
          error={load.error?.fields?.bundle}
        >
          {(control) => (
            <Textarea
              {...control}
              className="h-48"
              autoComplete="off"
              placeholder={"cluster:\n    id: …\n    secret: …"}
              value={bundle}
              onChange={(event) => setBundle(event.target.value)}
            />
          )}
        </Field>
        <input
          ref={file}
          type="file"
          aria-label="Choose a secrets bundle"
          className="sr-only"
          tabIndex={-1}
          onChange={(event) => {
            void event.target.files?.[0]?.text().then(setBundle);
            event.target.value = "";
          }}
        />
        <Button size="sm" onClick={() => file.current?.click()}>
          <FileUp aria-hidden /> Choose file…
        </Button>
        <div className="space-y-1">
          <p className="text-xs text-muted">To make it from the config of a control plane</p>
          <CommandLine lines={[bundleCommand]} />
        </div>
        {!load.error?.fields && <OperationError error={load.error} />}
      </div>
    </Dialog>
  );
}
