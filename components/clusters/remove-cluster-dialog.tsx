"use client";

import { useRouter } from "next/navigation";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import type { ClusterView } from "@/lib/inventory/schema";

/** Forgets a cluster here; its machines go on as they are. */
export function RemoveClusterDialog(props: { cluster: ClusterView; nodes: number; onClose: () => void }) {
  const { cluster, nodes, onClose } = props;
  const router = useRouter();
  const remove = useOperation("cluster.remove", {
    done: ({ name }) => ({ title: `${name} is no longer managed` }),
    onDone: () => {
      onClose();
      router.push(paths.clusters());
    },
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Stop managing ${cluster.name}?`}
      consequence={
        <>
          <p>
            Ichor forgets the cluster with {countOf(nodes, "node")}, their profiles and history here, and its secrets.
            The machines themselves go on as they are.
          </p>
          {cluster.secrets === "generated" && (
            <p className="mt-2 text-warn">
              The secrets were made here, and no machine can be added without them. If the machines are to live on,
              first download the config of a control plane with its secrets.
            </p>
          )}
        </>
      }
      commands={[]}
      confirmLabel="Stop managing"
      danger
      typeToConfirm={cluster.name}
      pending={remove.pending}
      error={<OperationError error={remove.error} />}
      onConfirm={() => void remove.run({ clusterId: cluster.id, confirmName: cluster.name })}
    />
  );
}
