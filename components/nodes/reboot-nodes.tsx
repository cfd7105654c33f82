"use client";

import { RotateCw } from "lucide-react";
import { useState } from "react";
import { useClusters } from "@/components/live/use-live";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { countOf } from "@/lib/core/units";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeView } from "@/lib/inventory/schema";
import { talosctlLine } from "@/lib/inventory/talosctl";

const shownCommands = 4;

/** Reboots some nodes after asking: who can, who is skipped and why, and the commands that do the same. */
export function RebootNodes({ nodes, onDone }: { nodes: readonly NodeView[]; onDone?: () => void }) {
  const [open, setOpen] = useState(false);
  const { clusters } = useClusters();
  const verdicts = nodes.map((node) => ({
    node,
    can: nodeCan.reboot(node, clusters.find(({ id }) => id === node.clusterId) ?? null),
  }));
  const ready = verdicts.flatMap(({ node, can }) => (can.ok ? [node] : []));
  const skipped = verdicts.flatMap(({ node, can }) => (can.ok ? [] : [{ node, reason: can.reason }]));
  const names = ready.length === 1 ? (ready[0]?.name ?? "") : countOf(ready.length, "node");
  const reboot = useOperation("node.reboot", {
    done: () => ({
      title: `Reboot of ${names} requested`,
      description: "What the node reports appears as it happens.",
    }),
    onDone: () => {
      setOpen(false);
      onDone?.();
    },
  });
  const controlPlanes = ready.filter(({ role }) => role === "controlplane").length;
  const single = nodes.length === 1 ? skipped[0] : undefined;
  return (
    <>
      <Button
        onClick={() => {
          reboot.reset();
          setOpen(true);
        }}
        disabled={ready.length === 0}
        title={single?.reason ?? (ready.length === 0 ? "None of these nodes can be rebooted now." : undefined)}
      >
        <RotateCw aria-hidden />
        Reboot…
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Reboot ${names}?`}
        consequence={
          <>
            <p>
              {ready.length === 1 ? "The node stops" : "The nodes stop"} what runs on{" "}
              {ready.length === 1 ? "it" : "them"} and
              {ready.length === 1 ? " comes" : " come"} back with the same Talos and config. Pods are not drained first.
            </p>
            {controlPlanes > 0 && (
              <p className="mt-2 text-warn">
                {controlPlanes === 1 ? "One is a control plane" : `${controlPlanes} are control planes`}: etcd has fewer
                voters while
                {controlPlanes === 1 ? " it is" : " they are"} away.
              </p>
            )}
            {skipped.length > 0 && (
              <ul className="mt-2 list-disc pl-4">
                {skipped.map(({ node, reason }) => (
                  <li key={node.id}>
                    {node.name} is skipped. {reason}
                  </li>
                ))}
              </ul>
            )}
          </>
        }
        commands={[
          ...ready
            .slice(0, shownCommands)
            .map(({ address }) => talosctlLine({ do: "reboot", mode: "default" }, address)),
          ...(ready.length > shownCommands ? [`# and ${ready.length - shownCommands} more`] : []),
        ]}
        confirmLabel="Reboot"
        pending={reboot.pending}
        error={<OperationError error={reboot.error} />}
        onConfirm={() => void reboot.run({ nodeIds: ready.map(({ id }) => id) })}
      />
    </>
  );
}
