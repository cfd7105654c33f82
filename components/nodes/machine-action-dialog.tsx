"use client";

import { useNodes } from "@/components/live/use-live";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";
import { actionWords, type MachineAction } from "./action-words";
import { useGuardOverride } from "./guard-override";

type Props = { node: NodeView; action: MachineAction; onClose: () => void };

/** Whether the cluster would be without a control plane while this node is away. */
function useLastControlPlane(node: NodeView): boolean {
  const { nodes } = useNodes();
  if (node.role !== "controlplane") return false;
  return !nodes.some(
    (other) =>
      other.id !== node.id &&
      other.clusterId === node.clusterId &&
      other.role === "controlplane" &&
      other.reachability.state === "reachable" &&
      other.ready,
  );
}

/** Asks, then requests; what becomes of it the page shows from what the node reports. */
export function MachineActionDialog({ node, action, onClose }: Props) {
  const words = actionWords[action];
  const last = useLastControlPlane(node);
  const { confirmCluster, field } = useGuardOverride(node);
  const options = {
    done: () => ({
      title: `${words.verb} of ${node.name} requested`,
      description: "What the node reports appears as it happens.",
      href: paths.node(node.id),
      linkLabel: "View node",
    }),
    onDone: onClose,
  };
  const reboot = useOperation("node.reboot", options);
  const shutdown = useOperation("node.shutdown", options);
  const rollback = useOperation("node.rollback", options);
  const reset = useOperation("node.reset", options);
  const nodeId = node.id;
  const operations = {
    reboot: { ...reboot, send: () => reboot.run({ nodeId, confirmCluster, mode: "default" }) },
    shutdown: { ...shutdown, send: () => shutdown.run({ nodeId, confirmCluster, force: false }) },
    rollback: { ...rollback, send: () => rollback.run({ nodeId, confirmCluster }) },
    reset: {
      ...reset,
      send: () =>
        reset.run({ nodeId, confirmCluster, confirmName: node.name, graceful: true, reboot: true, mode: "all" }),
    },
  };
  const { send, pending, error } = operations[action];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${words.verb} ${node.name}?`}
      consequence={
        <>
          <p>{words.consequence(node)}</p>
          {node.role === "controlplane" && (
            <p className="mt-2 text-warn">
              {last
                ? "It is the last healthy control plane of its cluster: the Kubernetes API goes away with it."
                : "It is a control plane: etcd has one voter fewer while it is away."}
            </p>
          )}
        </>
      }
      commands={[talosctlLine(words.command, node.address)]}
      confirmLabel={words.verb}
      danger={words.danger}
      typeToConfirm={action === "reset" || last ? node.name : undefined}
      pending={pending}
      error={<OperationError error={error} />}
      onConfirm={() => void send()}
    >
      {field(error)}
    </ConfirmDialog>
  );
}
