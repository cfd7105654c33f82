import { Check, Minus, CircleHelp, X } from "lucide-react";
import { cn } from "./cn";
import { type ProofStep, type ProofStepState, proofWords } from "./proof-strip";

const knobs: Record<ProofStepState, string> = {
  proven: "border-ok bg-ok-soft text-ok",
  broken: "border-bad bg-bad-soft text-bad",
  unknown: "border-warn bg-warn-soft text-warn",
  "not-reached": "border-line-strong text-faint",
  "not-applicable": "border-dashed border-line-strong text-faint",
};
const rails: Record<ProofStepState, string> = {
  proven: "bg-ok",
  broken: "bg-line-strong",
  unknown: "bg-warn",
  "not-reached": "bg-line-strong",
  "not-applicable": "bg-line-strong",
};

function Mark({ state }: { state: ProofStepState }) {
  const className = "size-3.5";
  if (state === "proven") return <Check aria-hidden className={className} />;
  if (state === "broken") return <X aria-hidden className={className} />;
  if (state === "unknown") return <CircleHelp aria-hidden className={className} />;
  if (state === "not-applicable") return <Minus aria-hidden className={className} />;
  return null;
}

export type ProofLadderProps = {
  steps: readonly ProofStep[];
  label: string;
  /** What breaks the chain is only a choice that nobody made yet: a warning, no failure. */
  missing?: boolean;
};

/** The proof chain from the PCI bus up to Kubernetes, each link with what the node says. */
export function ProofLadder({ steps, label, missing }: ProofLadderProps) {
  return (
    <ol aria-label={label}>
      {steps.map((step, index) => {
        const dim = step.state === "not-reached" || step.state === "not-applicable";
        return (
          <li key={step.id} className="relative flex gap-3 pb-3.5 last:pb-0">
            {index < steps.length - 1 && (
              <span aria-hidden className={cn("absolute top-5.5 bottom-0 left-[10px] w-0.5", rails[step.state])} />
            )}
            <span
              className={cn(
                "z-1 mt-px inline-flex size-5.5 shrink-0 items-center justify-center rounded-full border",
                missing && step.state === "broken" ? "border-warn bg-warn-soft text-warn" : knobs[step.state],
              )}
            >
              {missing && step.state === "broken" ? (
                <Minus aria-hidden className="size-3.5" />
              ) : (
                <Mark state={step.state} />
              )}
            </span>
            <span className="min-w-0">
              <span className={cn("block font-medium", dim && "text-muted")}>
                {step.title}
                <span className="sr-only">: {proofWords[step.state]}</span>
              </span>
              <span className="block font-mono text-xs wrap-anywhere text-muted">
                {step.evidence || proofWords[step.state]}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
