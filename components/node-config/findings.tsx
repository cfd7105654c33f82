import { StatusMark } from "@/components/ui/status";
import type { ShownPlan } from "./plan-words";

const words = { error: "Error", warning: "Warning" } as const;

/** By what the config was checked: the release's fields, and its rules. */
const checkWords = ({ fields, rules }: ShownPlan["checkedBy"]): string =>
  `Checked by the fields of Talos ${fields} and the rules of ${rules}`;

/** What Talos has against a config, and how far that was looked at. */
export function Findings({ issues, checkedBy }: Pick<ShownPlan, "issues" | "checkedBy">) {
  if (issues.length === 0) {
    return (
      <p className="flex items-center gap-1.5 text-muted">
        <StatusMark tone="ok" />
        {checkWords(checkedBy)}: no findings. The node has the last word.
      </p>
    );
  }
  return (
    <div className="space-y-2">
      <FindingList issues={issues} />
      <p className="text-muted">{checkWords(checkedBy)}. The node has the last word.</p>
    </div>
  );
}

function FindingList({ issues }: Pick<ShownPlan, "issues">) {
  return (
    <ul className="space-y-2" aria-label="Findings">
      {issues.map(({ severity, path, message }, index) => (
        <li key={index} className="flex items-start gap-2">
          <span className="flex h-5 items-center">
            <StatusMark tone={severity === "error" ? "bad" : "warn"} />
          </span>
          <span className="min-w-0 wrap-anywhere">
            <span className="sr-only">{words[severity]}: </span>
            {path && <span className="font-mono text-xs">{path}: </span>}
            {message}
          </span>
        </li>
      ))}
    </ul>
  );
}
