"use client";

import { useRouter } from "next/navigation";
import { parseAsBoolean, parseAsString, useQueryState } from "nuqs";
import { useEffect, useState } from "react";
import { useNodes } from "@/components/live/use-live";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Crumb } from "@/components/shell/crumb";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { SkeletonLines } from "@/components/ui/skeleton";
import { asItRuns, paths } from "@/lib/core/paths";
import { newestStable } from "@/lib/upgrades/release-marks";
import { NodePicker } from "./node-picker";
import { defaultChoice, PlanForm, policyOf } from "./plan-form";
import { PlanInWork, PlanView } from "./plan-view";
import { useChosen } from "./use-chosen";
import { usePlan } from "./use-plan";

/** Choose nodes and release; see what would happen; start exactly that. The newest release is the target unless another is chosen. */
export function NewPlanPage({ releases }: { releases: readonly string[] }) {
  const router = useRouter();
  const { nodes, loaded } = useNodes();
  const [chosen, setChosen] = useChosen();
  const newest = newestStable(releases);
  const [to, setTo] = useQueryState("to", parseAsString);
  const [repair, setRepair] = useQueryState("repair", parseAsBoolean.withDefault(false));
  const [rest, setChoice] = useState(defaultChoice);
  const target = to === asItRuns ? null : (to ?? newest);
  const choice = { ...rest, targetVersion: target, repair };
  const input = { nodeIds: [...chosen], targetVersion: target, policy: policyOf(choice) };
  const { plan, error, planning, progress, again } = usePlan(chosen.length > 0 ? input : null);
  const start = useOperation("upgrade.start", {
    onDone: ({ runId }) => router.push(paths.upgrade(runId)),
    done: () => ({ title: "Upgrade started" }),
  });
  const { reset: forgetRefusal } = start;
  const asked = JSON.stringify(input);
  // What was said of a start belongs to the choice that it was for.
  useEffect(() => forgetRefusal, [asked, forgetRefusal]);
  const begin = async (planHash: string) => {
    const outcome = await start.run({ ...input, planHash });
    // Whatever is in the way now, the plan that stands here did not know it.
    if (!outcome.ok) again();
  };
  const upgradable = nodes.filter(({ stage }) => stage !== "maintenance");
  return (
    <div className="space-y-3.5">
      <Crumb label="New plan" />
      <PageHeader
        title="Plan an upgrade"
        description="Nothing is touched until you start it. The image always comes from each node's recorded schematic."
      />
      <Panel title="Nodes and release" aside={`${chosen.length} chosen`} bodyClassName="">
        {loaded ? (
          <NodePicker nodes={upgradable} chosen={chosen} onChange={setChosen} />
        ) : (
          <div className="p-3.5">
            <SkeletonLines lines={6} label="Reading the nodes" />
          </div>
        )}
        <PlanForm
          nodes={nodes.filter(({ id }) => chosen.includes(id))}
          releases={releases}
          choice={choice}
          onChange={(next) => {
            setChoice(next);
            const { targetVersion: wanted } = next;
            if (wanted !== target) void setTo(wanted === null ? asItRuns : wanted === newest ? null : wanted);
            if (next.repair !== repair) void setRepair(next.repair || null);
          }}
        />
      </Panel>
      {loaded && nodes.length > 0 && chosen.length === 0 && (
        <p className="text-muted">Tick the nodes to upgrade: the plan then stands here.</p>
      )}
      {error && (
        <div className="space-y-2">
          <OperationError error={error} />
          <Button onClick={again}>Plan again</Button>
        </div>
      )}
      {planning && <PlanInWork progress={progress} />}
      {plan && (
        <PlanView
          plan={plan}
          starting={start.pending}
          startError={start.error}
          onAgain={again}
          onLeaveOut={(ids) => setChosen(chosen.filter((id) => !ids.includes(id)))}
          onStart={() => void begin(plan.hash)}
        />
      )}
    </div>
  );
}
