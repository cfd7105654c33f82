"use client";

import { fieldError } from "@/components/operation/field-errors";
import type { OperationFailure } from "@/components/operation/use-operation";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { type AdoptDraft, diskLabel, installDisks, needsDisk, openClusters, roleFor } from "./adopt-draft";
import { PatchField } from "./patch-field";
import { ProfileChoice, type ProfileOption } from "./profile-choice";

const roles = [
  { value: "controlplane", label: "Control plane" },
  { value: "worker", label: "Worker" },
] as const;

type Props = {
  node: NodeView;
  clusters: readonly ClusterView[];
  profiles: readonly ProfileOption[];
  draft: AdoptDraft;
  onChange: (part: Partial<AdoptDraft>) => void;
  error: OperationFailure | null;
};

/** The fields that show their own errors. */
export const adoptFields = ["clusterId", "role", "hostname", "installDisk", "patches"] as const;

/** What a machine shall be. */
export function AdoptForm({ node, clusters, profiles, draft, onChange, error }: Props) {
  const cluster = clusters.find(({ id }) => id === draft.clusterId) ?? null;
  const disks = installDisks(node);
  const closed = clusters.length - openClusters(clusters).length;
  return (
    <div className="grid items-start gap-3 sm:grid-cols-2">
      <Field
        label="Cluster"
        error={fieldError(error, "clusterId")}
        hint={closed > 0 ? "Where the secrets are not held, import them on the cluster's page first." : undefined}
      >
        {(control) => (
          <Select
            {...control}
            value={draft.clusterId}
            onChange={(event) => onChange({ clusterId: event.target.value })}
            options={[
              { value: "", label: "Choose…", disabled: true },
              ...clusters.map(({ id, name, secrets }) => ({
                value: id,
                label: secrets === "none" ? `${name} (secrets not held)` : name,
                disabled: secrets === "none",
              })),
            ]}
          />
        )}
      </Field>
      <Field
        label="Role"
        error={fieldError(error, "role")}
        hint={cluster?.controlPlanes === 0 ? "The first machine of a cluster is a control plane." : undefined}
      >
        {(control) => (
          <Select
            {...control}
            options={roles}
            value={roleFor(draft, cluster)}
            onChange={(event) => onChange({ role: event.target.value === "worker" ? "worker" : "controlplane" })}
          />
        )}
      </Field>
      <Field className="sm:col-span-2" label="Hostname" error={fieldError(error, "hostname")}>
        {(control) => (
          <Input
            {...control}
            spellCheck={false}
            autoComplete="off"
            value={draft.hostname}
            onChange={(event) => onChange({ hostname: event.target.value })}
          />
        )}
      </Field>
      {needsDisk(node) && (
        <Field
          className="sm:col-span-2"
          label="Install disk"
          error={fieldError(error, "installDisk")}
          hint="All that is on it is lost."
        >
          {(control) =>
            disks.length === 0 ? (
              <Input
                {...control}
                className="font-mono"
                placeholder="/dev/sda"
                spellCheck={false}
                value={draft.installDisk}
                onChange={(event) => onChange({ installDisk: event.target.value.trim() })}
              />
            ) : (
              <Select
                {...control}
                value={draft.installDisk}
                onChange={(event) => onChange({ installDisk: event.target.value })}
                options={[
                  { value: "", label: "Choose…", disabled: true },
                  ...disks.map((disk) => ({ value: disk.devPath, label: diskLabel(disk) })),
                ]}
              />
            )
          }
        </Field>
      )}
      <div className="sm:col-span-2">
        <ProfileChoice
          node={node}
          profiles={profiles}
          value={draft.profileId}
          onChange={(profileId) => onChange({ profileId })}
        />
      </div>
      <div className="sm:col-span-2">
        <PatchField
          value={draft.patch}
          onChange={(patch) => onChange({ patch })}
          error={fieldError(error, "patches")}
        />
      </div>
    </div>
  );
}
