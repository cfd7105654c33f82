"use client";

import { Check, X } from "lucide-react";
import { Panel } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { RelativeTime } from "@/components/ui/relative-time";
import { Spinner } from "@/components/ui/spinner";
import type { AdoptionStep, AdoptionView } from "@/lib/inventory/adoption/schema";

type State = AdoptionStep["state"];
const looks: Record<State, string> = {
  waiting: "border-line-strong text-faint",
  now: "border-info bg-info-soft text-info",
  done: "border-ok bg-ok-soft text-ok",
  failed: "border-bad bg-bad-soft text-bad",
};
const words: Record<State, string> = { waiting: "not begun", now: "under way", done: "done", failed: "failed" };
const marks: Record<State, React.ReactNode> = {
  waiting: null,
  now: <Spinner className="size-3" />,
  done: <Check aria-hidden className="size-3" />,
  failed: <X aria-hidden className="size-3" />,
};

/** How far a machine has come since it took its first config. */
export function AdoptionPanel({ adoption }: { adoption: AdoptionView }) {
  return (
    <Panel
      title="Adoption"
      aside={
        <>
          begun <RelativeTime atMs={adoption.startedAtMs} />
        </>
      }
    >
      <ol className="space-y-2" aria-label="Steps of the adoption" aria-live="polite">
        {adoption.steps.map(({ id, title, state, detail }) => (
          <li key={id} className="flex items-start gap-2">
            <span
              className={cn(
                "mt-0.5 inline-flex size-4.5 shrink-0 items-center justify-center rounded-full border",
                looks[state],
              )}
            >
              {marks[state]}
            </span>
            <span className="min-w-0">
              <span className={state === "waiting" ? "text-muted" : undefined}>{title}</span>
              <span className="sr-only">, {words[state]}</span>
              {detail !== null && <span className="block text-xs wrap-anywhere text-muted">{detail}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
