"use client";

import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { paths } from "@/lib/core/paths";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";

type Props = { cluster: ClusterView; planes: readonly NodeView[]; onClose: () => void };

/** Starts etcd on one of the control planes that can do it now. */
export function BootstrapDialog({ cluster, planes, onClose }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const node = planes.find(({ id }) => id === chosen) ?? planes[0];
  const bootstrap = useOperation("cluster.bootstrap", {
    done: ({ name }) => ({
      title: `Bootstrap of ${cluster.name} requested on ${name}`,
      description: "What the node reports appears as it happens.",
      href: node && paths.node(node.id),
      linkLabel: "View node",
    }),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Bootstrap ${cluster.name}${node ? ` on ${node.name}` : ""}?`}
      consequence="etcd starts on this one control plane, and Kubernetes with it; the others join it by themselves. This is done once in the life of a cluster."
      commands={node ? [talosctlLine({ do: "bootstrap" }, node.address)] : []}
      confirmLabel="Bootstrap"
      pending={bootstrap.pending}
      error={
        node ? (
          <OperationError error={bootstrap.error} />
        ) : (
          <p className="text-warn">No control plane of this cluster can be bootstrapped now.</p>
        )
      }
      onConfirm={() => node && void bootstrap.run({ nodeId: node.id })}
    >
      {planes.length > 1 && (
        <Field label="Control plane">
          {(control) => (
            <Select
              {...control}
              options={planes.map(({ id, name }) => ({ value: id, label: name }))}
              value={node?.id ?? ""}
              onChange={(event) => setChosen(event.target.value)}
            />
          )}
        </Field>
      )}
    </ConfirmDialog>
  );
}
