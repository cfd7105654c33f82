"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { Notice } from "@/components/ui/notice";
import { Progress } from "@/components/ui/progress";
import { RelativeTime } from "@/components/ui/relative-time";
import { paths } from "@/lib/core/paths";
import type { HoldView, NodeView } from "@/lib/inventory/schema";
import type { RunSummary } from "@/lib/upgrades/schema";

const phaseWords: Record<HoldView["phase"], string> = {
  calling: "It is under way.",
  awaiting: "It was asked for, and the node is not back yet.",
  away: "The node is not back: until then its cluster counts it as missing.",
};

function RunLink({ runId, children }: { runId: string; children: ReactNode }) {
  return (
    <Link href={paths.upgrade(runId)} className="font-medium text-accent hover:underline">
      {children}
    </Link>
  );
}

/** Who has the node: a run, or one operation by hand. */
function Holder({ node, run }: { node: NodeView; run: RunSummary | undefined }) {
  const { hold, runId } = node;
  if (runId !== null) {
    return (
      <Notice tone="info" title="An upgrade run holds this node.">
        <p>
          <RunLink runId={runId}>{run?.title ?? "The run"}</RunLink>
          {run && (
            <>
              {" was started by "}
              {run.startedBy} <RelativeTime atMs={run.createdAtMs} />.
            </>
          )}{" "}
          Until it has ended with this node nobody else can change it.
        </p>
      </Notice>
    );
  }
  if (!hold) return null;
  const what = hold.what.charAt(0).toUpperCase() + hold.what.slice(1);
  return (
    <Notice tone={hold.phase === "away" ? "warn" : "info"} title={`${what} by ${hold.by} holds this node.`}>
      <p>
        It began <RelativeTime atMs={hold.sinceMs} />. {phaseWords[hold.phase]}
      </p>
    </Notice>
  );
}

/** How far a drain is, and what is in its way, by name. */
function Draining({ drain }: { drain: NonNullable<NodeView["drain"]> }) {
  const left = drain.total - drain.gone;
  return (
    <Notice tone={drain.blockers.length > 0 ? "warn" : "info"} title={drainWords(drain)} live>
      <div className="space-y-2 pt-1.5">
        <Progress label="Pods gone" value={drain.gone} max={drain.total} tone={left === 0 ? "ok" : "info"} />
        {drain.blockers.map((sentence) => (
          <p key={sentence} className="wrap-anywhere">
            {sentence}
          </p>
        ))}
      </div>
    </Notice>
  );
}

/** `It is being drained: 3 of 12 pods are left.` */
export function drainWords({ total, gone }: { total: number; gone: number }): string {
  const left = total - gone;
  return `It is being drained: ${left} of ${total} ${total === 1 ? "pod" : "pods"} ${left === 1 ? "is" : "are"} left.`;
}

/** Whose a cordon is; a run that is at work on the node says it by itself. */
function Cordoned({ node }: { node: NodeView }) {
  const { cordon, runId, drain } = node;
  // A drain cordons the node first, and says so by itself.
  if (drain !== null) return null;
  if (cordon.state !== "ours" && cordon.state !== "other") return null;
  if (cordon.state === "ours" && cordon.runId !== null && cordon.runId === runId) return null;
  return (
    <Notice tone="info" title="It is cordoned: no new pod lands on it.">
      <p>
        {cordon.state === "other" ? (
          "Somebody else cordoned it, not this console. Runs leave it as it is."
        ) : cordon.runId === null ? (
          "It was cordoned through this console."
        ) : (
          <>
            An upgrade run of this console left it so: <RunLink runId={cordon.runId}>see the run</RunLink>.
          </>
        )}{" "}
        Uncordon it in the menu above once it may have pods again.
      </p>
    </Notice>
  );
}

/** On every page of a node: who has it now, how far its drain is, and whether pods may land on it. */
export function NodeStanding({ node, run }: { node: NodeView; run: RunSummary | undefined }) {
  return (
    <>
      <Holder node={node} run={run} />
      {node.drain && <Draining drain={node.drain} />}
      <Cordoned node={node} />
    </>
  );
}
