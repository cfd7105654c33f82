"use client";

import { OperationError } from "@/components/operation/operation-error";
import { saveFile } from "@/components/operation/save-file";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";

type Props = { cluster: ClusterView; members: readonly NodeView[]; onClose: () => void };

/** Hands the cluster's admin kubeconfig to the browser as a file. */
export function KubeconfigDialog({ cluster, members, onClose }: Props) {
  const download = useOperation("cluster.download-kubeconfig", {
    onDone: (file) => {
      saveFile(file);
      onClose();
    },
  });
  const plane = members.find(({ role }) => role === "controlplane");
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Download the kubeconfig of ${cluster.name}?`}
      consequence="Who has the file is administrator of the Kubernetes cluster. The download is written to the audit log."
      commands={plane ? [talosctlLine({ do: "kubeconfig" }, plane.address)] : []}
      confirmLabel="Download"
      pending={download.pending}
      error={<OperationError error={download.error} />}
      onConfirm={() => void download.run({ clusterId: cluster.id })}
    />
  );
}
