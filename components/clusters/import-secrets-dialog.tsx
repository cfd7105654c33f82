"use client";

import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { fieldError, isShownByField } from "@/components/operation/field-errors";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { CommandLine } from "@/components/ui/command-line";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import type { ClusterView } from "@/lib/inventory/schema";
import { credentialRefusal } from "./cluster-words";
import { secretsBundleLine } from "@/lib/inventory/talosctl";

/** Adds the secrets of a cluster that was imported by its talosconfig: read from a control plane, or from a file. */
export function ImportSecretsDialog({ cluster, onClose }: { cluster: ClusterView; onClose: () => void }) {
  const noPlane = credentialRefusal(cluster);
  const file = useRef<HTMLInputElement>(null);
  const [kind, setKind] = useState<"control-plane" | "bundle">(noPlane === null ? "control-plane" : "bundle");
  const [yaml, setYaml] = useState("");
  const load = useOperation("cluster.import-secrets", {
    done: ({ name }) => ({ title: `The secrets of ${name} are held`, description: "Machines can be adopted into it." }),
    onDone: onClose,
  });
  const source = kind === "bundle" ? { kind, yaml } : { kind };
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
            disabled={kind === "bundle" && !yaml.trim()}
            onClick={() => void load.run({ clusterId: cluster.id, source })}
          >
            Import secrets
          </Button>
        </>
      }
    >
      <div className="space-y-3">
        <Field
          label="From"
          hint={noPlane ?? "They are kept encrypted and never shown. Those of another cluster are refused."}
        >
          {(control) => (
            <Select
              {...control}
              value={kind}
              onChange={(event) => setKind(event.target.value === "bundle" ? "bundle" : "control-plane")}
              options={[
                { value: "control-plane", label: "A control plane that runs", disabled: noPlane !== null },
                { value: "bundle", label: "A secrets bundle" },
              ]}
            />
          )}
        </Field>
        {kind === "bundle" && (
          <>
            <Field label="Secrets bundle" error={fieldError(load.error, "source")}>
              {(control) => (
                <Textarea
                  {...control}
                  className="h-48"
                  autoComplete="off"
                  placeholder={"cluster:\n    id: …\n    secret: …"}
                  value={yaml}
                  onChange={(event) => setYaml(event.target.value)}
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
                void event.target.files?.[0]?.text().then(setYaml);
                event.target.value = "";
              }}
            />
            <Button size="sm" onClick={() => file.current?.click()}>
              <FileUp aria-hidden /> Choose file…
            </Button>
            <div className="space-y-1">
              <p className="text-xs text-muted">To make it from the config of a control plane</p>
              <CommandLine lines={[secretsBundleLine]} />
            </div>
          </>
        )}
        {!(kind === "bundle" && isShownByField(load.error, ["source"])) && <OperationError error={load.error} />}
      </div>
    </Dialog>
  );
}
