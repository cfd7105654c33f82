"use client";

import { cn } from "@/components/ui/cn";
import { durationText } from "@/components/ui/relative-time";
import { Status } from "@/components/ui/status";
import { TailCut } from "@/components/ui/tail-cut";
import { useNow } from "@/components/ui/use-now";
import type { RunSummary } from "@/lib/upgrades/schema";
import { runNodeStateText, runStepText } from "@/lib/upgrades/text";
import { runNodeLook, stepLook } from "./run-looks";
import { type NodeStory, type Segment, spanOf } from "./run-model";

type Span = { startMs: number; endMs: number };
const share = (atMs: number, { startMs, endMs }: Span): number => (100 * (atMs - startMs)) / (endMs - startMs);

/** The clock ticks slower than events come: what was told has happened. */
const newestMs = (stories: Iterable<NodeStory>): number => {
  let newest = 0;
  for (const { segments } of stories)
    for (const { startMs, endMs } of segments) newest = Math.max(newest, startMs, endMs ?? 0);
  return newest;
};

function Bar({ segment, span, nowMs }: { segment: Segment; span: Span; nowMs: number }) {
  const endMs = segment.endMs ?? Math.max(nowMs, segment.startMs);
  const left = share(segment.startMs, span);
  const width = share(endMs, span) - left;
  const { title } = runStepText[segment.step];
  const told = width > 7;
  const look = segment.ok === false ? "border-bad bg-bad-soft text-bad" : stepLook[segment.step];
  return (
    <div
      title={`${title}, ${durationText(endMs - segment.startMs)}`}
      className={cn(
        "absolute inset-y-0.5 min-w-1 overflow-hidden rounded-sm border text-[11px] leading-4.5",
        // Without its word a bar is as wide as its time, and does not lie over the next one.
        told && "px-1.5",
        look,
      )}
      style={{ left: `${left}%`, width: `${width}%` }}
    >
      {told && <span className="truncate">{title.toLowerCase()}</span>}
    </div>
  );
}

export type LanesProps = {
  run: RunSummary;
  stories: ReadonlyMap<string, NodeStory>;
  selectedId: string | null;
  onSelect: (nodeId: string) => void;
};

/** The run as a picture of time: one lane a node, what it did when, and now. */
export function Lanes({ run, stories, selectedId, onSelect }: LanesProps) {
  const tick = useNow();
  // A run that rests has no now: its picture ends with what happened last.
  const going = run.state === "running" || run.state === "cancelling";
  const newest = newestMs(stories.values());
  const nowMs = run.finishedAtMs ?? (going ? Math.max(tick, newest) : newest);
  const span = spanOf(stories.values(), nowMs);
  return (
    <ul className="py-1.5">
      {run.nodes.map((node) => {
        const story = stories.get(node.nodeId);
        const segments = story?.segments ?? [];
        return (
          <li key={node.nodeId}>
            <button
              type="button"
              aria-pressed={selectedId === node.nodeId}
              onClick={() => onSelect(node.nodeId)}
              className={cn(
                "grid w-full grid-cols-[1fr_auto] items-center gap-x-4 px-3.5 py-1 text-left hover:bg-hover md:grid-cols-[8rem_1fr_9rem] xl:grid-cols-[12rem_1fr_9rem]",
                selectedId === node.nodeId && "bg-raised",
              )}
            >
              <span className="min-w-0 font-medium">
                <TailCut>{node.name}</TailCut>
              </span>
              <span className="relative order-last col-span-2 h-6 md:order-none md:col-span-1">
                <span aria-hidden className="absolute inset-0 flex justify-between">
                  {Array.from({ length: 9 }, (_, index) => (
                    <span key={index} className="w-px bg-line" />
                  ))}
                </span>
                {span &&
                  segments.map((segment, index) => <Bar key={index} segment={segment} span={span} nowMs={nowMs} />)}
                {going && span && (
                  <span
                    aria-hidden
                    className="absolute -inset-y-1 w-0.5 bg-accent"
                    style={{ left: `${share(nowMs, span)}%` }}
                  />
                )}
              </span>
              <Status {...runNodeLook[node.state]}>{runNodeStateText[node.state]}</Status>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
