"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import { withProof } from "@/components/operation/ask-proof";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { saveFile } from "@/components/operation/save-file";
import type { OperationFailure } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";
import { fetchSnapshot } from "./fetch-snapshot";

/** Takes a snapshot of the cluster's etcd and hands it to the browser as a file. */
export function SnapshotButton({ cluster, planes }: { cluster: ClusterView; planes: readonly NodeView[] }) {
  const [open, setOpen] = useState(false);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<OperationFailure | null>(null);
  const role = useRoleRefusal("operator");
  const able = planes.find((node) => node.etcd !== null && nodeCan.etcdSnapshot(node, cluster).ok);
  const [first] = planes;
  const can = first && nodeCan.etcdSnapshot(first, cluster);
  const reason = able ? null : can && !can.ok ? can.reason : "etcd is not known to run on a control plane.";
  const take = async () => {
    setPending(true);
    setError(null);
    const snapshot = await withProof(() => fetchSnapshot(cluster.id));
    setPending(false);
    if (!snapshot.ok) return setError(snapshot.error);
    saveFile(snapshot);
    setOpen(false);
  };
  return (
    <>
      <GatedButton
        reason={role ?? reason}
        onClick={() => {
          setError(null);
          setOpen(true);
        }}
      >
        <Download aria-hidden /> etcd snapshot…
      </GatedButton>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Download an etcd snapshot of ${cluster.name}?`}
        consequence="With it the cluster can be recovered. It holds every secret of Kubernetes, so keep it as safe as those. The download is written to the audit log."
        commands={
          able ? [talosctlLine({ do: "etcd-snapshot", file: `etcd-${cluster.name}.snapshot` }, able.address)] : []
        }
        confirmLabel="Download"
        pending={pending}
        error={<OperationError error={error} />}
        onConfirm={() => void take()}
      />
    </>
  );
}
