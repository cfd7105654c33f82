"use client";

import { OperationError } from "@/components/operation/operation-error";
import { useGuardOverride } from "@/components/nodes/guard-override";
import type { OperationFailure } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";
import { type AskedMode, modeWords, type ShownPlan } from "./plan-words";

export type ApplyDialogProps = {
  node: NodeView;
  plan: ShownPlan;
  mode: AskedMode;
  pending: boolean;
  error: OperationFailure | null;
  /** With the cluster's name, where somebody typed it to go on against the guard. */
  onConfirm: (confirmCluster: string | undefined) => void;
  onClose: () => void;
};

/** Asks before a config goes to a node, with what it changes. */
export function ApplyDialog({ node, plan, mode, pending, error, onConfirm, onClose }: ApplyDialogProps) {
  const { confirmCluster, field } = useGuardOverride(node);
  const shown = plan.summary.slice(0, 6);
  const rest = plan.summary.length - shown.length;
  const mayReboot = mode === "auto" && !/^v?1\.(1[4-9]|[2-9]\d)/.test(node.talosVersion ?? "");
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Apply this config to ${node.name}?`}
      consequence={
        <>
          <p>{modeWords[mode].consequence}</p>
          {mayReboot && <p className="mt-2 text-warn">If it reboots, its pods are not drained first.</p>}
        </>
      }
      commands={[talosctlLine({ do: "apply-config", mode, dryRun: false, fingerprint: null }, node.address)]}
      confirmLabel="Apply"
      pending={pending}
      error={<OperationError error={error} />}
      onConfirm={() => onConfirm(confirmCluster)}
    >
      <ul className="list-disc space-y-1 pl-4.5 wrap-anywhere">
        {shown.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
        {rest > 0 && <li>And {rest} more.</li>}
      </ul>
      {field(error)}
    </ConfirmDialog>
  );
}
