"use client";

import { ArrowUpCircle } from "lucide-react";
import { useRouter } from "next/navigation";
import { useNodeRun } from "@/components/live/use-live";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { ChecksList } from "@/components/upgrades/checks-list";
import { KeyValues } from "@/components/ui/key-values";
import { asItRuns, paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import type { PlanNode } from "@/lib/upgrades/schema";
import type { NodeView } from "@/lib/inventory/schema";
import type { Change } from "./use-change";

/** The run that holds the node. */
export function RunningStep({ node, runId }: { node: NodeView; runId: string }) {
  const run = useNodeRun(runId);
  const own = run?.nodes.find(({ nodeId }) => nodeId === node.id);
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p className="min-w-0 flex-1 basis-56">
        {run ? `${run.title}: ${own?.state ?? run.state}.` : "The upgrade goes on."}
        {(own?.reason || run?.reason) && <span className="block text-muted">{own?.reason || run?.reason}</span>}
      </p>
      <ButtonLink variant="primary" href={paths.upgrade(runId)}>
        {run?.state === "halted" ? "Decide how it goes on" : "Watch the upgrade"}
      </ButtonLink>
    </div>
  );
}

/** What the upgrade does to what runs on the node: said before it can be started. */
function Effect({ plan: { effect, flow } }: { plan: PlanNode }) {
  if (!effect) return null;
  const { pods, minutes } = effect;
  const gone = pods.known && pods.count > pods.names.length ? ` and ${pods.count - pods.names.length} more` : "";
  return (
    <KeyValues
      items={[
        { label: "Reboot", value: flow === "legacy" ? "one, as part of the upgrade" : "one, after the installation" },
        {
          label: "Pods",
          value: !pods.known
            ? `not known: ${pods.reason}`
            : pods.count === 0
              ? "none has to leave"
              : `${countOf(pods.count, "pod")}: ${pods.names.join(", ")}${gone}`,
        },
        {
          label: "Takes",
          value: minutes === null ? "not known: no upgrade was measured yet" : `about ${countOf(minutes, "minute")}`,
        },
      ]}
    />
  );
}

/** The upgrade of this one node with all that it brings, and starting exactly that. */
export function UpgradeStep({ node, change, onStale }: { node: NodeView; change: Change; onStale: () => void }) {
  const router = useRouter();
  const operator = useRoleRefusal("operator");
  const start = useOperation("upgrade.start", { onDone: ({ runId }) => router.push(paths.upgrade(runId)) });
  const { plan, planError } = change;
  if (!plan)
    return (
      planError && (
        <Notice tone="bad" title={planError.message}>
          {planError.hint}
        </Notice>
      )
    );
  const planned = plan.nodes[0];
  const trouble = [...plan.checks, ...(planned?.checks ?? [])].filter(({ state }) => state !== "ok");
  const begin = async () => {
    const { policy, hash } = plan;
    const outcome = await start.run({ nodeIds: [node.id], targetVersion: null, policy, planHash: hash });
    // Whatever is in the way now, the plan that stands here did not know it.
    if (!outcome.ok) onStale();
  };
  return (
    <>
      {planned && <Effect plan={planned} />}
      {planned && (
        <ul className="list-disc space-y-0.5 pl-5 wrap-anywhere">
          {planned.changes.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {trouble.length > 0 && (
        <div className="-mx-3.5 border-y">
          <ChecksList checks={trouble} />
        </div>
      )}
      <OperationError error={start.error} />
      <div className="flex flex-wrap items-center gap-3">
        <GatedButton
          variant="primary"
          reason={operator ?? (plan.refused ? "The plan is refused: what stands above is in the way." : null)}
          pending={start.pending}
          onClick={() => void begin()}
        >
          <ArrowUpCircle aria-hidden /> Start upgrade
        </GatedButton>
        <ButtonLink href={paths.planUpgrade([node.id], { to: asItRuns })}>Other choices…</ButtonLink>
      </div>
    </>
  );
}
