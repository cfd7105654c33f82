import { cn } from "./cn";

export type ProofStepState = "proven" | "broken" | "unknown" | "not-reached" | "not-applicable";
export type ProofStep = { id: string; title: string; state: ProofStepState; evidence: string };

export const proofWords: Record<ProofStepState, string> = {
  proven: "proven",
  broken: "broken",
  unknown: "not known",
  "not-reached": "not reached",
  "not-applicable": "does not apply",
};

const fills: Record<ProofStepState, string> = {
  proven: "bg-ok",
  broken: "bg-bad",
  unknown: "bg-warn",
  "not-reached": "bg-line-strong",
  "not-applicable": "bg-line",
};

/** The proof chain in one sentence, for those who do not see the strip. */
export function proofSentence(steps: readonly ProofStep[]): string {
  const proven = steps.filter((step) => step.state === "proven").length;
  const applicable = steps.filter((step) => step.state !== "not-applicable").length;
  const broken = steps.find((step) => step.state === "broken");
  const unknown = steps.find((step) => step.state === "unknown");
  const at = broken ? `broken at “${broken.title}”` : unknown ? `“${unknown.title}” not known` : "";
  return `${proven} of ${applicable} links proven${at ? `, ${at}` : ""}`;
}

export type ProofStripProps = {
  steps: readonly ProofStep[];
  /** What breaks the chain is only a choice that nobody made yet: a warning, no failure. */
  missing?: boolean;
  className?: string;
};

/** The eight links of a GPU's proof chain, small. */
export function ProofStrip({ steps, missing, className }: ProofStripProps) {
  return (
    <span
      role="img"
      aria-label={proofSentence(steps)}
      title={proofSentence(steps)}
      className={cn("inline-flex gap-0.75", className)}
    >
      {steps.map((step) => (
        <span
          key={step.id}
          className={cn("h-1.25 w-3 rounded-xs", missing && step.state === "broken" ? "bg-warn" : fills[step.state])}
        />
      ))}
    </span>
  );
}
