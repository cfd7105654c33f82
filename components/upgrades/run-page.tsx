"use client";

import { parseAsString, useQueryState } from "nuqs";
import { useMemo } from "react";
import { useRunEvents, useRuns } from "@/components/live/use-live";
import { Crumb } from "@/components/shell/crumb";
import { Panel } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { Status } from "@/components/ui/status";
import { formatDuration } from "@/lib/core/units";
import type { RunDetail, RunEvent, RunNodeState, RunState, RunSummary } from "@/lib/upgrades/schema";
import { CordonedNotice } from "./cordoned-notice";
import { Lanes } from "./lanes";
import { NextPlan } from "./next-plan";
import { InstallerPanel, NodeStoryPanel } from "./node-story";
import { RunControls } from "./run-controls";
import { runStatus } from "./run-looks";
import { emptyStory, storiesOf } from "./run-model";
import { PlanDetails } from "./plan-details";

const inWork: ReadonlySet<RunNodeState> = new Set([
  "installing",
  "draining",
  "rebooting",
  "proving",
  "uncordoning",
  "soaking",
]);
const inTrouble: ReadonlySet<RunNodeState> = new Set(["failed", "rolled-back", "unknown"]);

/** States whose reason a reader has to know. */
const explained: ReadonlySet<RunState> = new Set(["halted", "paused", "done", "cancelled"]);

/** The node that a reader wants to see first: in work, else in trouble, else pulling, else the last that was finished. */
function nodeToShow(run: RunSummary): string | null {
  const by = (wanted: (state: RunNodeState) => boolean) => run.nodes.find(({ state }) => wanted(state))?.nodeId;
  return (
    by((state) => inWork.has(state)) ??
    by((state) => inTrouble.has(state)) ??
    by((state) => state === "pulling") ??
    run.nodes.findLast(({ state }) => state === "done")?.nodeId ??
    run.nodes[0]?.nodeId ??
    null
  );
}

/** One upgrade run, live. */
export function RunPage({ initial, initialEvents }: { initial: RunDetail; initialEvents: readonly RunEvent[] }) {
  const { runs } = useRuns();
  const run: RunSummary = runs.find(({ id }) => id === initial.id) ?? initial;
  const events = useRunEvents(initial.id, initialEvents);
  const stories = useMemo(() => storiesOf(events), [events]);
  const [chosen, setChosen] = useQueryState("node", parseAsString);
  const shownId = run.nodes.some(({ nodeId }) => nodeId === chosen) ? chosen : nodeToShow(run);
  const node = run.nodes.find(({ nodeId }) => nodeId === shownId);
  const story = (shownId ? stories.get(shownId) : undefined) ?? emptyStory(shownId ?? "");
  const { words, ...look } = runStatus(run);
  const doneCount = run.nodes.filter(({ state }) => state === "done").length;
  return (
    <div className="space-y-3.5">
      <Crumb label={run.title} />
      <PageHeader
        title={run.title}
        description={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Status {...look}>
              <span className="text-fg">{words}</span>
            </Status>
            <span>
              {doneCount} of {run.nodes.length} done · started by {run.startedBy}{" "}
              <RelativeTime atMs={run.createdAtMs} />
              {run.finishedAtMs !== null && ` · took ${formatDuration(run.finishedAtMs - run.createdAtMs)}`}
              {initial.plan.policy.haltOnFailure && run.finishedAtMs === null && " · stops at the first failure"}
            </span>
          </span>
        }
        actions={<RunControls run={run} />}
      />
      <div aria-live="polite">
        {run.reason && explained.has(run.state) && (
          <Notice tone={look.tone} title={words}>
            {run.reason}
          </Notice>
        )}
      </div>
      <CordonedNotice run={run} />
      <NextPlan run={run} plan={initial.plan} />
      <Panel
        title={run.nodes.length === 1 ? "Node" : "Nodes"}
        aside={run.nodes.length > 1 && "workers first, control planes one at a time"}
        bodyClassName=""
      >
        <Lanes run={run} stories={stories} selectedId={shownId} onSelect={(id) => void setChosen(id)} />
      </Panel>
      {node && (
        <div className="grid items-start gap-3.5 lg:grid-cols-[5fr_7fr]">
          <NodeStoryPanel node={node} story={story} />
          <InstallerPanel node={node} story={story} live={inWork.has(node.state) || node.state === "pulling"} />
        </div>
      )}
      <PlanDetails plan={initial.plan} collapsed />
    </div>
  );
}
