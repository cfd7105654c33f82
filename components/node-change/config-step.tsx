"use client";

import { useState } from "react";
import { ApplyDialog } from "@/components/node-config/apply-dialog";
import { ChangePanel } from "@/components/node-config/plan-panels";
import { planRefusal, proofWords } from "@/components/node-config/plan-words";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { useClusters } from "@/components/live/use-live";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeView } from "@/lib/inventory/schema";
import type { Change } from "./use-change";

/** What the recorded profile and image change in the node's config, and applying exactly that. */
export function ConfigStep({
  node,
  config,
  onDone,
}: {
  node: NodeView;
  config: NonNullable<Change["config"]>;
  onDone: () => void;
}) {
  const [asking, setAsking] = useState(false);
  const { clusters, loaded } = useClusters();
  const admin = useRoleRefusal("admin");
  const apply = useOperation("node.apply-config", {
    done: ({ name, proof }) => ({ title: `Config applied to ${name}`, description: proofWords[proof] }),
    onDone: () => {
      setAsking(false);
      onDone();
    },
  });
  const can = nodeCan.applyConfig(node, clusters.find(({ id }) => id === node.clusterId) ?? null);
  const reason = admin ?? (can.ok || !loaded ? null : can.reason) ?? planRefusal(config);
  return (
    <>
      <ChangePanel plan={config} title="What would change" unchanged="Nothing would change." />
      <OperationError error={apply.error} />
      <div className="flex flex-wrap items-center gap-3">
        <GatedButton
          variant="primary"
          reason={reason}
          onClick={() => {
            apply.reset();
            setAsking(true);
          }}
        >
          Apply…
        </GatedButton>
        {reason !== null && <p className="text-xs text-muted">{reason}</p>}
      </div>
      {asking && (
        <ApplyDialog
          node={node}
          plan={config}
          mode="auto"
          pending={apply.pending}
          error={apply.error}
          onClose={() => setAsking(false)}
          onConfirm={(confirmCluster) =>
            void apply.run({
              ...{ nodeId: node.id, patches: [], withIntent: true, mode: "auto" },
              hash: config.hash,
              confirmCluster,
            })
          }
        />
      )}
    </>
  );
}
