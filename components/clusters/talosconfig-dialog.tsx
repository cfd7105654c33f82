"use client";

import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { saveFile } from "@/components/operation/save-file";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import type { InputOf } from "@/lib/api/operations";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";

type TalosRole = NonNullable<InputOf<"cluster.download-talosconfig">["role"]>;

/** Roles of the Talos API that people are given; those for machines are not offered. */
const roles: readonly { value: TalosRole; label: string }[] = [
  { value: "os:reader", label: "os:reader: look at everything that is no secret" },
  { value: "os:operator", label: "os:operator: also reboot, shut down, etcd snapshots" },
  { value: "os:etcd:backup", label: "os:etcd:backup: etcd snapshots only" },
  { value: "os:admin", label: "os:admin: everything" },
];
const lifetimes = [
  { value: "1", label: "1 hour" },
  { value: "24", label: "1 day" },
  { value: "168", label: "7 days" },
  { value: "2160", label: "90 days" },
  { value: "8760", label: "1 year" },
] as const;

type Props = { cluster: ClusterView; members: readonly NodeView[]; onClose: () => void };

/** Makes a talosconfig of one role and lifetime and hands it to the browser as a file. */
export function TalosconfigDialog({ cluster, members, onClose }: Props) {
  const [role, setRole] = useState<TalosRole>("os:reader");
  const [hours, setHours] = useState("24");
  const download = useOperation("cluster.download-talosconfig", {
    onDone: (file) => {
      saveFile(file);
      onClose();
    },
  });
  const plane = members.find((node) => node.role === "controlplane");
  const file = `talosconfig-${cluster.name}.yaml`;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Download a talosconfig for ${cluster.name}?`}
      consequence="Who has the file can do what its role allows, on every node of the cluster, until it ends: Talos cannot revoke it. The download is written to the audit log."
      commands={plane ? [talosctlLine({ do: "talosconfig", role, hours, file }, plane.address)] : []}
      confirmLabel="Download"
      pending={download.pending}
      error={<OperationError error={download.error} />}
      onConfirm={() => void download.run({ clusterId: cluster.id, role, ttlHours: Number(hours) })}
    >
      <div className="grid items-start gap-3 sm:grid-cols-[1fr_8rem]">
        <Field label="Role">
          {(control) => (
            <Select
              {...control}
              options={roles}
              value={role}
              onChange={(event) =>
                setRole(roles.find(({ value }) => value === event.target.value)?.value ?? "os:reader")
              }
            />
          )}
        </Field>
        <Field label="Ends after">
          {(control) => (
            <Select {...control} options={lifetimes} value={hours} onChange={(event) => setHours(event.target.value)} />
          )}
        </Field>
      </div>
    </ConfirmDialog>
  );
}
