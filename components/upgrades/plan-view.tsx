"use client";

import { ArrowUpCircle } from "lucide-react";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import type { OperationFailure } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { Progress } from "@/components/ui/progress";
import { SkeletonLines } from "@/components/ui/skeleton";
import { countOf } from "@/lib/core/units";
import type { UpgradePlan } from "@/lib/upgrades/schema";
import { ChecksList } from "./checks-list";
import { PlanDetails } from "./plan-details";
import { summaryText } from "./plan-words";
import type { PlanProgress } from "./use-plan";

/** While a plan is made: how many nodes have answered. */
export function PlanInWork({ progress }: { progress: PlanProgress | null }) {
  return (
    <Panel title="The plan">
      {progress && progress.of > 1 ? (
        <div className="space-y-2" role="status">
          <p className="text-muted">
            {progress.answered.toLocaleString("en")} of {countOf(progress.of, "node")} have answered.
          </p>
          <Progress label="Planning" value={progress.answered} max={progress.of} />
        </div>
      ) : (
        <SkeletonLines lines={5} label="Planning" />
      )}
    </Panel>
  );
}

export type PlanViewProps = {
  plan: UpgradePlan;
  starting: boolean;
  startError: OperationFailure | null;
  onAgain: () => void;
  /** Plans without these nodes. */
  onLeaveOut: (nodeIds: readonly string[]) => void;
  onStart: () => void;
};

/** The first thing that is in the way, so that nobody has to look for it. */
function firstRefusal(plan: UpgradePlan): string {
  const cluster = plan.checks.find(({ state }) => state === "refused");
  if (cluster) return `The plan is refused: ${cluster.detail}`;
  for (const { name, checks } of plan.nodes) {
    const check = checks.find(({ state }) => state === "refused");
    if (check) return `The plan is refused for ${name}: ${check.detail}`;
  }
  return "The plan is refused: see what stands in the way above.";
}

/** A plan in reading order: what happens to which node, what was checked, and only then the button that starts it. */
export function PlanView({ plan, starting, startError, onAgain, onLeaveOut, onStart }: PlanViewProps) {
  const refusal = useRoleRefusal("operator");
  const nothing = plan.nodes.length === 0;
  const refused = plan.nodes.filter(({ checks }) => checks.some(({ state }) => state === "refused"));
  const some = refused.length > 0 && refused.length < plan.nodes.length;
  const later = plan.nodes.filter(({ hops }) => hops.length > 1);
  return (
    <>
      <PlanDetails plan={plan} />
      <Panel title="Before anything is touched" bodyClassName="">
        <ChecksList checks={plan.checks} />
      </Panel>
      {later.length > 0 && (
        <Notice tone="info" title={`${countOf(later.length, "node")} will not have arrived after this run`}>
          One minor at a time: {plan.hops.join(" → ")}. Once this run has ended, its page offers the plan for the next
          hop.
        </Notice>
      )}
      <OperationError error={startError} />
      <div className="-mx-1 flex flex-wrap items-center justify-between gap-3 rounded-lg border border-line-strong bg-surface px-3.5 py-2.5">
        <div className="min-w-0 flex-1 basis-72 wrap-anywhere">
          {nothing ? (
            <p className="text-muted">No chosen node has anything to do in this run: why stands above.</p>
          ) : plan.refused ? (
            <p className="text-muted">{firstRefusal(plan)}</p>
          ) : (
            <>
              <p>
                {countOf(plan.nodes.length, "node")} will be upgraded
                {plan.nodes.length > 1 ? ", one after another" : ""}.
              </p>
              <p className="text-muted">{refusal ?? summaryText(plan)}</p>
            </>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          {some && (
            <Button onClick={() => onLeaveOut(refused.map(({ nodeId }) => nodeId))}>
              Leave out {refused.length === 1 ? refused[0]?.name : `${refused.length} refused nodes`}
            </Button>
          )}
          <Button onClick={onAgain}>Plan again</Button>
          <Button
            variant="primary"
            disabled={plan.refused || refusal !== null || nothing}
            title={refusal ?? undefined}
            pending={starting}
            onClick={onStart}
          >
            <ArrowUpCircle aria-hidden /> Start upgrade
          </Button>
        </div>
      </div>
    </>
  );
}
