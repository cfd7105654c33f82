"use client";

import { useRouter } from "next/navigation";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";

/** Forgets a node here; the machine goes on as it is. */
export function RemoveNodeDialog({ node, onClose }: { node: NodeView; onClose: () => void }) {
  const router = useRouter();
  const remove = useOperation("node.remove", {
    done: () => ({ title: `${node.name} is no longer managed` }),
    onDone: () => {
      onClose();
      router.push(paths.nodes());
    },
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Stop managing ${node.name}?`}
      consequence="Ichor forgets this node: its profile, its schematic and its history here. The machine itself goes on as it is, and can be added again."
      commands={[]}
      confirmLabel="Stop managing"
      pending={remove.pending}
      error={<OperationError error={remove.error} />}
      onConfirm={() => void remove.run({ nodeId: node.id })}
    />
  );
}
