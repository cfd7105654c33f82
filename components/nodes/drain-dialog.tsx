"use client";

import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { NodeView } from "@/lib/inventory/schema";
import { drainWords } from "./node-standing";

/** Asks, then waits until the pods are gone, or says what is in their way; while it waits, it can be aborted. */
export function DrainDialog({ node, onClose }: { node: NodeView; onClose: () => void }) {
  const drain = useOperation("node.drain", {
    done: ({ name, evicted }) => ({
      title: `${name} is drained`,
      description: `${evicted} ${evicted === 1 ? "pod has" : "pods have"} left. It stays cordoned until you uncordon it.`,
    }),
    onDone: onClose,
  });
  const abort = useOperation("node.abort-drain", { errors: "toast" });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Drain ${node.name}?`}
      consequence="It takes no new pods, and those on it are evicted within their disruption budgets, for at most five minutes. Pods of DaemonSets stay. Afterwards it stays cordoned."
      commands={[`kubectl drain ${node.nodename ?? node.name} --ignore-daemonsets --delete-emptydir-data`]}
      confirmLabel="Drain"
      pending={drain.pending}
      error={<OperationError error={drain.error} />}
      onConfirm={() => void drain.run({ nodeId: node.id })}
    >
      {drain.pending && (
        <div className="space-y-2">
          <div role="status" className="space-y-1 wrap-anywhere">
            {node.drain && <p>{drainWords(node.drain)}</p>}
            {node.drain?.blockers.map((sentence) => (
              <p key={sentence} className="text-warn">
                {sentence}
              </p>
            ))}
          </div>
          <button
            type="button"
            className="min-h-6 font-medium text-accent hover:underline"
            onClick={() => void abort.run({ nodeId: node.id })}
          >
            Abort the drain
          </button>
        </div>
      )}
    </ConfirmDialog>
  );
}
