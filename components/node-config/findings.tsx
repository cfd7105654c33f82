import { StatusMark } from "@/components/ui/status";
import type { ShownPlan } from "./plan-words";

const words = { error: "Error", warning: "Warning" } as const;

/** What the rules of Talos have against a config. */
export function Findings({ issues }: { issues: ShownPlan["issues"] }) {
  if (issues.length === 0) {
    return (
      <p className="flex items-center gap-1.5 text-muted">
        <StatusMark tone="ok" />
        Checked by the rules of this Talos release: no findings. The node has the last word.
      </p>
    );
  }
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
