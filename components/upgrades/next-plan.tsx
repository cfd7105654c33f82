"use client";

import { ArrowUpCircle } from "lucide-react";
import { useNodes } from "@/components/live/use-live";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { countOf } from "@/lib/core/units";
import { paths } from "@/lib/core/paths";
import type { RunSummary, UpgradePlan } from "@/lib/upgrades/schema";

/** Nodes that an ended run has brought one hop nearer to the plan's target, and that have another one before them. */
export function nodesOnTheWay(
  run: Pick<RunSummary, "nodes">,
  plan: Pick<UpgradePlan, "nodes">,
  running: ReadonlyMap<string, string | null>,
): { id: string; name: string; next: string }[] {
  const done = new Set(run.nodes.filter(({ state }) => state === "done").map(({ nodeId }) => nodeId));
  return plan.nodes.flatMap(({ nodeId, name, toVersion, hops }) => {
    const [, next] = hops;
    // A later run, or somebody else, may have taken it further since.
    return next !== undefined && done.has(nodeId) && running.get(nodeId) === toVersion
      ? [{ id: nodeId, name, next }]
      : [];
  });
}

/** After a run that made first hops: the plan for what is left, one press away. */
export function NextPlan({ run, plan }: { run: RunSummary; plan: UpgradePlan }) {
  const { nodes } = useNodes();
  if (run.finishedAtMs === null) return null;
  const left = nodesOnTheWay(run, plan, new Map(nodes.map(({ id, talosVersion }) => [id, talosVersion])));
  if (left.length === 0) return null;
  const names = left.map(({ name }) => name);
  const who = names.length <= 3 ? names.join(", ") : countOf(names.length, "node");
  const target = plan.targetVersion.replace(/^v/, "");
  return (
    <Notice
      tone="info"
      title={`${who} ${names.length === 1 ? "has" : "have"} another hop to ${target}`}
      action={
        <ButtonLink
          variant="primary"
          href={paths.planUpgrade(
            left.map(({ id }) => id),
            { to: plan.targetVersion },
          )}
        >
          <ArrowUpCircle aria-hidden /> Plan the next hop
        </ButtonLink>
      }
    >
      Talos is upgraded one minor at a time; each hop is a run of its own.
    </Notice>
  );
}
