import type { ReactNode } from "react";
import { Status } from "@/components/ui/status";
import type { Tone } from "@/components/ui/tone";
import { cn } from "@/components/ui/cn";
import type { ChangeStep, ChangeStepId, ChangeStepState } from "@/lib/upgrades/change/schema";

const titles: Record<ChangeStepId, string> = {
  profile: "Profile and image",
  config: "Machine config",
  upgrade: "Upgrade",
  proof: "Proof",
};
const looks: Record<ChangeStepState, { tone: Tone; words: string }> = {
  done: { tone: "ok", words: "done" },
  "not-needed": { tone: "idle", words: "not needed" },
  current: { tone: "info", words: "now" },
  working: { tone: "info", words: "at work" },
  later: { tone: "idle", words: "later" },
  refused: { tone: "bad", words: "refused" },
  unknown: { tone: "warn", words: "not known" },
};

/** One step of a node's change: what it is, how it stands, and, where it is its turn, the way to do it. */
export function StepCard({ step, number, children }: { step: ChangeStep; number: number; children?: ReactNode }) {
  const { tone, words } = looks[step.state];
  const quiet = step.state === "later" || step.state === "not-needed";
  return (
    <li
      aria-current={step.state === "current" ? "step" : undefined}
      className={cn("overflow-hidden rounded-lg border bg-surface", step.state === "current" && "border-line-strong")}
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-3.5 py-2.5">
        <h2 className={cn("font-semibold", quiet && "font-medium text-muted")}>
          <span className="text-muted tabular">{number}. </span>
          {titles[step.id]}
        </h2>
        <Status tone={tone}>{words}</Status>
        <p className={cn("w-full wrap-anywhere", quiet ? "text-xs text-muted" : "text-muted")}>{step.sentence}</p>
      </div>
      {children && <div className="space-y-3 border-t p-3.5">{children}</div>}
    </li>
  );
}
