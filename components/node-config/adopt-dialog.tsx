"use client";

import { OperationError } from "@/components/operation/operation-error";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";
import type { PreviewedAdoption, useAdoption } from "./use-adoption";

type Props = {
  node: NodeView;
  cluster: ClusterView;
  previewed: PreviewedAdoption;
  fingerprint: string;
  adopt: ReturnType<typeof useAdoption>["adopt"];
  onClose: () => void;
};

/** Asks before a machine gets its first config. */
export function AdoptDialog({ node, cluster, previewed, fingerprint, adopt, onClose }: Props) {
  const { adoption, plan } = previewed;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Adopt ${adoption.hostname} into ${cluster.name}?`}
      consequence={
        <>
          <p>
            {adoption.installDisk !== undefined && (
              <>
                Talos is installed to <span className="font-mono text-xs">{adoption.installDisk}</span>, whose content
                is lost.{" "}
              </>
            )}
            The machine joins {cluster.name} as a {adoption.role === "controlplane" ? "control plane" : "worker"}.
          </p>
          {adoption.role === "controlplane" && cluster.controlPlanes === 0 && (
            <p className="mt-2">It is the first one: bootstrap the cluster on its page when the machine is back.</p>
          )}
        </>
      }
      commands={[talosctlLine({ do: "apply-config", mode: "auto", dryRun: false, fingerprint }, node.address)]}
      confirmLabel="Adopt"
      pending={adopt.pending}
      error={<OperationError error={adopt.error} />}
      onConfirm={() => void adopt.run({ ...adoption, hash: plan.hash, fingerprint, dryRun: false })}
    />
  );
}
