"use client";

import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { Notice } from "@/components/ui/notice";
import type { RunNodeState, RunSummary } from "@/lib/upgrades/schema";

const left: ReadonlySet<RunNodeState> = new Set(["done", "skipped", "failed", "rolled-back", "unknown"]);

function Cordoned({ nodeId, name }: { nodeId: string; name: string }) {
  const refusal = useRoleRefusal("operator");
  const uncordon = useOperation("node.uncordon", { done: () => ({ title: `${name} takes pods again` }) });
  return (
    <Notice
      tone="warn"
      title={`${name} is still cordoned by this run, so that no pod lands on it.`}
      action={
        <GatedButton reason={refusal} pending={uncordon.pending} onClick={() => void uncordon.run({ nodeId })}>
          Uncordon {name}
        </GatedButton>
      }
    >
      <OperationError error={uncordon.error} />
    </Notice>
  );
}

/** Of a run that works on no node: the nodes that still have its cordon, each with the way to take it back. */
export function CordonedNotice({ run }: { run: RunSummary }) {
  return run.nodes
    .filter(({ cordoned, state }) => cordoned === true && left.has(state))
    .map(({ nodeId, name }) => <Cordoned key={nodeId} nodeId={nodeId} name={name} />);
}
