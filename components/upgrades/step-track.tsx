import { Check, X } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { Spinner } from "@/components/ui/spinner";
import { type RunStep, runSteps } from "@/lib/upgrades/run-steps";
import { runStepText } from "@/lib/upgrades/text";
import type { StepState } from "./run-model";

const looks: Record<StepState, string> = {
  waiting: "border-line-strong text-faint",
  running: "border-info bg-info-soft text-info",
  done: "border-ok bg-ok-soft text-ok",
  failed: "border-bad bg-bad-soft text-bad",
};
const words: Record<StepState, string> = { waiting: "not begun", running: "under way", done: "done", failed: "failed" };

function Mark({ state }: { state: StepState }) {
  if (state === "done") return <Check aria-hidden className="size-3" />;
  if (state === "failed") return <X aria-hidden className="size-3" />;
  return state === "running" ? <Spinner className="size-3" /> : null;
}

/** The steps of one node in a row, in words and marks. */
export function StepTrack({ steps }: { steps: Record<RunStep, StepState> }) {
  return (
    <ol className="flex flex-wrap gap-x-3.5 gap-y-1.5 p-3.5" aria-label="Steps">
      {runSteps.map((step) => {
        const state = steps[step];
        return (
          <li key={step} title={runStepText[step].about} className="flex items-center gap-1.5">
            <span className={cn("inline-flex size-4.5 items-center justify-center rounded-full border", looks[state])}>
              <Mark state={state} />
            </span>
            <span className={state === "waiting" ? "text-muted" : undefined}>{runStepText[step].title}</span>
            <span className="sr-only">, {words[state]}</span>
          </li>
        );
      })}
    </ol>
  );
}
