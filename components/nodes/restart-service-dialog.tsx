"use client";

import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";
import { useGuardOverride } from "./guard-override";

type Props = { node: NodeView; service: string; onClose: () => void };

/** Asks before a service of Talos is restarted; of a control plane's, the guard of etcd has its say. */
export function RestartServiceDialog({ node, service, onClose }: Props) {
  const { confirmCluster, field } = useGuardOverride(node);
  const restart = useOperation("service.restart", {
    done: () => ({ title: `Restart of ${service} on ${node.name} requested` }),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Restart ${service} on ${node.name}?`}
      consequence="The service stops and starts again. What depends on it waits; pods go on."
      commands={[talosctlLine({ do: "restart-service", service }, node.address)]}
      confirmLabel="Restart"
      pending={restart.pending}
      error={<OperationError error={restart.error} />}
      onConfirm={() => void restart.run({ nodeId: node.id, service, confirmCluster })}
    >
      {field(restart.error)}
    </ConfirmDialog>
  );
}
