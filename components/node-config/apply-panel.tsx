"use client";

import { useState } from "react";
import { useClusters } from "@/components/live/use-live";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { Panel } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeView } from "@/lib/inventory/schema";
import { ApplyDialog } from "./apply-dialog";
import { type Answered, NodeAnswerView } from "./node-answer";
import { type AskedMode, modeWords, planRefusal, type Proof, type ShownPlan, tryTimes } from "./plan-words";

const modes = Object.keys(modeWords) as AskedMode[];
const options = modes.map((value) => ({ value, label: modeWords[value].label }));

type Props = {
  node: NodeView;
  /** The preview and what it is of; null while the form says something else. */
  shown: { plan: ShownPlan; change: { patches: string[]; withIntent: boolean; staged: "keep" | "drop" } } | null;
  onApplied: (proof: Proof) => void;
};

/** Hands the previewed config to the node: to judge, or to take. */
export function ApplyPanel({ node, shown, onApplied }: Props) {
  const [mode, setMode] = useState<AskedMode>("auto");
  const [tryMs, setTryMs] = useState<string>(tryTimes[0].value);
  const [asking, setAsking] = useState(false);
  const [answered, setAnswered] = useState<Answered | null>(null);
  const { clusters } = useClusters();
  const cluster = clusters.find(({ id }) => id === node.clusterId) ?? null;
  const admin = useRoleRefusal("admin");
  const dryRun = useOperation("node.dry-run-config", {
    onDone: (answer) => setAnswered({ kind: "dry-run", name: node.name, asked: mode, answer }),
  });
  const apply = useOperation("node.apply-config", {
    onDone: ({ name, proof, ...answer }) => {
      setAsking(false);
      setAnswered({ kind: "applied", name, asked: mode, answer, proof });
      onApplied(proof);
    },
  });
  const can = nodeCan.applyConfig(node, cluster);
  const canDry = nodeCan.dryRunConfig(node, cluster);
  const stale = shown === null ? "Preview the change first." : null;
  const noDryRun = admin ?? (canDry.ok ? null : canDry.reason) ?? stale;
  const noApply = admin ?? (can.ok ? null : can.reason) ?? stale ?? (shown && planRefusal(shown.plan));
  return (
    <Panel title="Apply">
      <div className="space-y-3">
        <div className="grid items-start gap-3 sm:grid-cols-2">
          <Field label="When" hint={modeWords[mode].consequence} className={mode === "try" ? "" : "sm:col-span-2"}>
            {(control) => (
              <Select
                {...control}
                options={options}
                value={mode}
                onChange={(event) => setMode(modes.find((one) => one === event.target.value) ?? "auto")}
              />
            )}
          </Field>
          {mode === "try" && (
            <Field label="Reverts after" hint="Applying it again in another mode keeps it.">
              {(control) => (
                <Select
                  {...control}
                  options={tryTimes}
                  value={tryMs}
                  onChange={(event) => setTryMs(event.target.value)}
                />
              )}
            </Field>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          <GatedButton
            reason={noDryRun}
            pending={dryRun.pending}
            onClick={() => shown && void dryRun.run({ nodeId: node.id, ...shown.change, mode })}
          >
            Dry run on the node
          </GatedButton>
          <GatedButton
            variant="primary"
            reason={noApply}
            onClick={() => {
              apply.reset();
              setAsking(true);
            }}
          >
            Apply…
          </GatedButton>
        </div>
        {noApply !== null && <p className="text-xs text-muted">{noApply}</p>}
        <OperationError error={dryRun.error} />
        {answered && !dryRun.pending && <NodeAnswerView answered={answered} />}
      </div>
      {asking && shown && (
        <ApplyDialog
          node={node}
          plan={shown.plan}
          mode={mode}
          pending={apply.pending}
          error={apply.error}
          onClose={() => setAsking(false)}
          onConfirm={(confirmCluster) =>
            void apply.run({
              nodeId: node.id,
              confirmCluster,
              ...shown.change,
              mode,
              hash: shown.plan.hash,
              ...(mode === "try" && { tryTimeoutMs: Number(tryMs) }),
            })
          }
        />
      )}
    </Panel>
  );
}
