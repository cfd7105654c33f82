import { CodeBlock } from "@/components/ui/code-block";
import { Notice } from "@/components/ui/notice";
import { effectiveWords, modeWords, type AskedMode, type NodeAnswer, type Proof, proofWords } from "./plan-words";

export type Answered = { name: string; asked: AskedMode; answer: NodeAnswer } & (
  { kind: "dry-run" } | { kind: "applied"; proof: Proof }
);

/** What the node said to a config, and what it really does with it. */
export function NodeAnswerView({ answered }: { answered: Answered }) {
  const { name, asked, answer, kind } = answered;
  const words = effectiveWords[answer.mode];
  // What `auto` means is the node's to say; any other mode was a wish that it may have gone against.
  const other = asked !== "auto" && answer.mode !== asked;
  const unproven = kind === "applied" && answered.proof === "unknown";
  return (
    <div className="space-y-2.5">
      <Notice
        live
        tone={answer.mode === "reboot" || unproven ? "warn" : kind === "applied" ? "ok" : "info"}
        title={`${kind === "applied" ? `Applied to ${name}.` : `Dry run on ${name}: nothing was changed.`} ${
          kind === "applied" ? words.done : words.would
        }`}
      >
        {kind === "applied" && <p>{proofWords[answered.proof]}</p>}
        {other && (
          <p>
            Asked for: {modeWords[asked].label.toLowerCase()}. The mode that the node answered is {answer.mode}.
          </p>
        )}
        {answer.warnings.map((warning) => (
          <p key={warning} className="wrap-anywhere">
            {warning}
          </p>
        ))}
      </Notice>
      {answer.details.trim() !== "" && (
        <CodeBlock text={answer.details} label="what the node said" className="max-h-64" />
      )}
    </div>
  );
}
