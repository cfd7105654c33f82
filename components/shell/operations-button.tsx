"use client";

import Link from "next/link";
import { useRuns } from "@/components/live/use-live";
import { useLiveStatus } from "@/components/live/status-store";
import { Button } from "@/components/ui/button";
import { Popover, PopoverClose } from "@/components/ui/popover";
import { Progress } from "@/components/ui/progress";
import { PulseLine } from "@/components/ui/pulse-line";
import { RelativeTime } from "@/components/ui/relative-time";
import { countOf } from "@/lib/core/units";
import { paths } from "@/lib/core/paths";
import type { RunState, RunSummary } from "@/lib/upgrades/schema";
import { settledNodes, unfinished } from "./running";

const stateWords: Record<RunState, string> = {
  planned: "Planned",
  running: "Running",
  paused: "Paused",
  cancelling: "Cancelling after this node",
  halted: "Halted, needs you",
  done: "Done",
  cancelled: "Cancelled",
};
const connectionWords = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  paused: "Paused",
} as const;

function RunRow({ run }: { run: RunSummary }) {
  const settled = settledNodes(run);
  return (
    <li>
      <PopoverClose asChild>
        <Link href={paths.upgrade(run.id)} className="block space-y-1.5 px-3.5 py-2.5 hover:bg-hover">
          <span className="flex justify-between gap-3">
            <span className="truncate font-medium">{run.title}</span>
            <span className="shrink-0 text-muted tabular">
              {settled}/{run.nodes.length}
            </span>
          </span>
          <Progress
            label={run.title}
            value={settled}
            max={run.nodes.length}
            tone={run.state === "halted" ? "bad" : "info"}
          />
          <span className="block text-xs text-muted">
            {stateWords[run.state]} · started by {run.startedBy} <RelativeTime atMs={run.createdAtMs} />
          </span>
        </Link>
      </PopoverClose>
    </li>
  );
}

/** What runs, on every page: the pulse beats while the console hears the fleet. */
export function OperationsButton() {
  const state = useLiveStatus((status) => status.state);
  const { runs } = useRuns();
  const current = unfinished(runs);
  const count = (...states: RunState[]) => current.filter(({ state }) => states.includes(state)).length;
  const halted = count("halted");
  const going = count("running", "cancelling");
  const words =
    state !== "live"
      ? connectionWords[state]
      : halted > 0
        ? `${countOf(halted, "upgrade")} halted`
        : going > 0
          ? `${countOf(going, "upgrade")} running`
          : current.length > 0
            ? `${countOf(current.length, "upgrade")} paused`
            : "Live";
  const trigger = (
    <Button className="max-w-60 border-line font-normal text-muted" aria-label={`Operations: ${words}`}>
      <PulseLine live={state === "live"} className="w-8 sm:w-15" />
      <span className="hidden truncate sm:inline">{words}</span>
    </Button>
  );
  return (
    <Popover trigger={trigger} label="Operations">
      <h2 className="border-b px-3.5 py-2.5 font-semibold">Operations</h2>
      {current.length === 0 ? (
        <p className="px-3.5 py-3 text-muted">Nothing is running. What you start goes on when you leave the page.</p>
      ) : (
        <ul className="max-h-80 divide-y overflow-y-auto">
          {current.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </ul>
      )}
      <PopoverClose asChild>
        <Link href={paths.upgrades()} className="block border-t px-3.5 py-2.5 text-accent hover:bg-hover">
          All upgrades
        </Link>
      </PopoverClose>
    </Popover>
  );
}
