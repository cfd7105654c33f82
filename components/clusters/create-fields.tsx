"use client";

import { fieldError, isShownByField } from "@/components/operation/field-errors";
import type { OperationFailure } from "@/components/operation/use-operation";
import { Checkbox } from "@/components/ui/checkbox";
import { Disclosure } from "@/components/ui/disclosure";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { versionContracts } from "@/lib/machine-config/schema";
import { contractOptions, type CreateDraft } from "./create-draft";

type TextName = "name" | "endpoint" | "kubernetesVersion" | "dnsDomain" | "podSubnets" | "serviceSubnets";
type Props = {
  draft: CreateDraft;
  onChange: (part: Partial<CreateDraft>) => void;
  error: OperationFailure | null;
};

const plugins = [
  { value: "flannel", label: "Flannel" },
  { value: "none", label: "None: I install one" },
] as const;

const networkFields = ["cluster.dnsDomain", "cluster.podSubnets", "cluster.serviceSubnets", "cluster.cni"] as const;
/** The fields that show their own errors. */
export const createFields = [
  ...["cluster.name", "cluster.endpoint", "cluster.kubernetesVersion", "contract"],
  ...networkFields,
] as const;

/** What a cluster is made of; what seldom differs is folded away. */
export function CreateFields({ draft, onChange, error }: Props) {
  const text = (name: TextName, label: string, hint: string) => (
    <Field label={label} hint={hint} error={fieldError(error, `cluster.${name}`)}>
      {(control) => (
        <Input
          {...control}
          spellCheck={false}
          autoComplete="off"
          className={name === "name" ? undefined : "font-mono"}
          value={draft[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const networks = isShownByField(error, networkFields);
  return (
    <>
      {text("name", "Name", "As kubectl and talosctl will call it.")}
      {text(
        "endpoint",
        "Kubernetes endpoint",
        "https://10.0.0.10:6443: a control plane, or better an address they share.",
      )}
      <div className="grid items-start gap-3 sm:grid-cols-2">
        {text("kubernetesVersion", "Kubernetes version", "1.36.3")}
        <Field label="Talos release" hint="Of the machines that you start with." error={fieldError(error, "contract")}>
          {(control) => (
            <Select
              {...control}
              options={contractOptions}
              value={draft.contract}
              onChange={(event) =>
                onChange({ contract: versionContracts.find((one) => one === event.target.value) ?? draft.contract })
              }
            />
          )}
        </Field>
      </div>
      <label className="flex items-center gap-1.5">
        <Checkbox checked={draft.schedulable} onChange={(event) => onChange({ schedulable: event.target.checked })} />
        Pods may run on control planes
      </label>
      <Disclosure label="Network" open={networks || undefined}>
        <div className="mt-2 space-y-3">
          <Field label="Pod network" error={fieldError(error, "cluster.cni")}>
            {(control) => (
              <Select
                {...control}
                options={plugins}
                value={draft.plugin}
                onChange={(event) => onChange({ plugin: event.target.value === "none" ? "none" : "flannel" })}
              />
            )}
          </Field>
          <div className="grid items-start gap-3 sm:grid-cols-2">
            {text("podSubnets", "Pod subnets", "One for each address family.")}
            {text("serviceSubnets", "Service subnets", "One for each address family.")}
          </div>
          {text("dnsDomain", "DNS domain", "cluster.local unless you have a reason.")}
          <label className="flex items-center gap-1.5">
            <Checkbox checked={draft.kubespan} onChange={(event) => onChange({ kubespan: event.target.checked })} />
            KubeSpan: encrypt traffic between nodes
          </label>
        </div>
      </Disclosure>
    </>
  );
}
