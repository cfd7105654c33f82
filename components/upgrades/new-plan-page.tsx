"use client";

import { ArrowUpCircle } from "lucide-react";
import { useRouter } from "next/navigation";
import { parseAsArrayOf, parseAsString, useQueryState } from "nuqs";
import { useEffect, useState } from "react";
import { useNodes } from "@/components/live/use-live";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { Crumb } from "@/components/shell/crumb";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { SkeletonLines } from "@/components/ui/skeleton";
import { countOf } from "@/lib/core/units";
import { paths } from "@/lib/core/paths";
import type { UpgradePlan } from "@/lib/upgrades/schema";
import { ChecksList } from "./checks-list";
import { NodePicker } from "./node-picker";
import { PlanDetails } from "./plan-details";
import { defaultChoice, PlanForm, policyOf } from "./plan-form";

const list = parseAsArrayOf(parseAsString).withDefault([]);

/** Choose nodes and release; see what would happen; start exactly that. */
export function NewPlanPage({ releases }: { releases: readonly string[] }) {
  const router = useRouter();
  const { nodes, loaded } = useNodes();
  const [chosen, setChosen] = useQueryState("nodes", list);
  const [target, setTarget] = useQueryState("to", parseAsString);
  const [rest, setChoice] = useState(defaultChoice);
  const [shown, setShown] = useState<{ plan: UpgradePlan; key: string } | null>(null);
  const choice = { ...rest, targetVersion: target };
  const refusal = useRoleRefusal("operator");
  // Nodes go on living while a plan is read: it can be made anew without another choice.
  const [round, setRound] = useState(0);
  const again = () => setRound(round + 1);
  const plan = useOperation("upgrade.plan");
  const start = useOperation("upgrade.start", {
    onDone: ({ runId }) => router.push(paths.upgrade(runId)),
    done: () => ({ title: "Upgrade started" }),
  });
  const input = { nodeIds: chosen, targetVersion: target, policy: policyOf(choice) };
  const asked = JSON.stringify(input);
  const key = `${round} ${asked}`;
  const { run: askPlan } = plan;
  const { reset: forgetRefusal } = start;
  useEffect(() => {
    if (chosen.length === 0) return;
    let current = true;
    void askPlan(JSON.parse(asked) as typeof input).then((outcome) => {
      if (current && outcome.ok) setShown({ plan: outcome.data, key });
    });
    return () => {
      current = false;
    };
    // The plan depends on what is asked for, and `key` is all of it.
  }, [key, asked, askPlan, chosen.length]);
  // What was said of a start belongs to the choice that it was for.
  useEffect(() => forgetRefusal, [asked, forgetRefusal]);
  const begin = async (planHash: string) => {
    const outcome = await start.run({ ...input, planHash });
    // Whatever is in the way now, the plan that stands here did not know it.
    if (!outcome.ok) again();
  };
  const fresh = shown?.key === key && chosen.length > 0 ? shown.plan : null;
  return (
    <div className="space-y-3.5">
      <Crumb label="New plan" />
      <PageHeader
        title="Plan an upgrade"
        description="Nothing is touched until you start it. The image always comes from each node's recorded schematic."
      />
      <Panel title="Nodes and release" aside={`${chosen.length} chosen`} bodyClassName="">
        {loaded ? (
          <NodePicker
            nodes={nodes.filter(({ stage }) => stage !== "maintenance")}
            chosen={chosen}
            onChange={(ids) => void setChosen(ids)}
          />
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
            if (next.targetVersion !== target) void setTarget(next.targetVersion);
          }}
        />
      </Panel>
      {loaded && nodes.length > 0 && chosen.length === 0 && (
        <p className="text-muted">Tick the nodes to upgrade: the plan then stands here.</p>
      )}
      {chosen.length > 0 && plan.error && (
        <div className="space-y-2">
          <OperationError error={plan.error} />
          <Button onClick={again}>Plan again</Button>
        </div>
      )}
      {chosen.length > 0 && !fresh && !plan.error && (
        <Panel title="The plan">
          <SkeletonLines lines={5} label="Planning" />
        </Panel>
      )}
      {fresh && (
        <>
          <Panel title="Before anything is touched" bodyClassName="">
            <ChecksList checks={fresh.checks} />
          </Panel>
          <PlanDetails plan={fresh} />
          {fresh.hops.length > 1 && (
            <Notice tone="info" title={`${fresh.hops.length} hops`}>
              One minor at a time: {fresh.hops.join(" → ")}. This run goes to {fresh.hops[0]}.
            </Notice>
          )}
          <OperationError error={start.error} />
          <div className="sticky bottom-0 -mx-1 flex flex-wrap items-center justify-between gap-3 rounded-lg border border-line-strong bg-surface px-3.5 py-2.5 shadow-float">
            <p className="text-muted">
              {fresh.nodes.length === 0
                ? "No chosen node has anything to do in this run: why stands above."
                : fresh.refused
                  ? "The plan is refused: see what stands in the way above."
                  : (refusal ??
                    `${countOf(fresh.nodes.length, "node")} will be upgraded${fresh.nodes.length > 1 ? ", one after another" : ""}.`)}
            </p>
            <div className="flex flex-wrap gap-2">
              <Button onClick={again}>Plan again</Button>
              <Button
                variant="primary"
                disabled={fresh.refused || refusal !== null || fresh.nodes.length === 0}
                title={refusal ?? undefined}
                pending={start.pending}
                onClick={() => void begin(fresh.hash)}
              >
                <ArrowUpCircle aria-hidden /> Start upgrade
              </Button>
            </div>
          </div>
        </>
      )}
    </div>
  );
}
