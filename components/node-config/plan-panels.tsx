import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Panel } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { DiffView } from "@/components/ui/diff-view";
import { countOf } from "@/lib/core/units";
import { Findings } from "./findings";
import { diffTexts, type ShownPlan } from "./plan-words";

/** The diff holds three lines around each change and a gap mark; all of it is shown. */
const allOfIt = 4;

function IssueCounts({ issues }: { issues: ShownPlan["issues"] }) {
  const errors = issues.filter(({ severity }) => severity === "error").length;
  const warnings = issues.length - errors;
  return (
    <>
      {errors > 0 && <Badge tone="bad">{countOf(errors, "error")}</Badge>}
      {warnings > 0 && <Badge tone="warn">{countOf(warnings, "warning")}</Badge>}
    </>
  );
}

/** What a plan changes: in sentences, what is wrong with it, and line by line. Secrets are never in it. */
export function ChangePanel({ plan, title, unchanged }: { plan: ShownPlan; title: string; unchanged: string }) {
  const { before, after } = diffTexts(plan.diff);
  return (
    <Panel title={title} aside={<IssueCounts issues={plan.issues} />} bodyClassName="">
      <div className="space-y-3 p-3.5">
        {plan.changed ? (
          <ul className="list-disc space-y-1 pl-4.5 wrap-anywhere">
            {plan.summary.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        ) : (
          <p>{unchanged}</p>
        )}
        <Findings issues={plan.issues} checkedBy={plan.checkedBy} />
      </div>
      {plan.diff.length > 0 && (
        <DiffView before={before} after={after} context={allOfIt} label={title} className="border-t" />
      )}
    </Panel>
  );
}

/** A whole config, secrets as stars. */
export function ConfigPanel({ title, text, aside }: { title: string; text: string; aside?: ReactNode }) {
  return (
    <Panel title={title} aside={aside} bodyClassName="p-1.5">
      <CodeBlock text={text} label={title.toLowerCase()} numbered />
    </Panel>
  );
}
