import { ChevronRight } from "lucide-react";
import { CommandLine } from "@/components/ui/command-line";
import { Panel } from "@/components/ui/card";
import { Disclosure } from "@/components/ui/disclosure";
import { Notice } from "@/components/ui/notice";
import { countOf } from "@/lib/core/units";
import type { PlanNode, UpgradePlan } from "@/lib/upgrades/schema";
import { ChecksList } from "./checks-list";
import { versionChange } from "./version-change";

const shortId = (id: string | null): string => (id ? `${id.slice(0, 8)}…` : "unknown");

function NodePlan({ node, collapsed }: { node: PlanNode; collapsed: boolean }) {
  const trouble = node.checks.filter(({ state }) => state !== "ok");
  return (
    <li className="space-y-2 border-t px-3.5 py-3 first:border-t-0">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p className="font-medium">
          <span className="text-muted tabular-nums">{node.order + 1}. </span>
          {node.name}
          <span className="font-normal text-muted">
            {" "}
            · {node.role === "controlplane" ? "control plane" : node.role}
          </span>
        </p>
        <p className="font-mono text-xs text-muted">
          {versionChange(node)}
          {node.fromSchematicId !== node.toSchematicId &&
            ` · ${shortId(node.fromSchematicId)} → ${shortId(node.toSchematicId)}`}
        </p>
      </div>
      {node.changes.length > 0 && (
        <ul className="list-disc space-y-0.5 pl-5 text-muted">
          {node.changes.map((change) => (
            <li key={change} className="wrap-anywhere">
              {change}
            </li>
          ))}
        </ul>
      )}
      {!collapsed && trouble.length > 0 && (
        <div className="-mx-3.5 border-y">
          <ChecksList checks={trouble} />
        </div>
      )}
      <Disclosure label="The same from a shell">
        <CommandLine lines={node.commands} className="mt-1" />
      </Disclosure>
      {!collapsed && node.checks.length > 0 && (
        <Disclosure label={countOf(node.checks.length, "check")}>
          <div className="-mx-3.5">
            <ChecksList checks={node.checks} />
          </div>
        </Disclosure>
      )}
    </li>
  );
}

/** What a plan will do, node by node, with the commands that would do the same. */
export function PlanDetails({ plan, collapsed = false }: { plan: UpgradePlan; collapsed?: boolean }) {
  const body = (
    <>
      {plan.skipped.length > 0 && (
        <div className="p-3.5">
          <Notice tone="info" title={`${plan.skipped.length} left out`}>
            <ul>
              {plan.skipped.map(({ nodeId, name, reason }) => (
                <li key={nodeId}>
                  {name}: {reason}
                </li>
              ))}
            </ul>
          </Notice>
        </div>
      )}
      <ol className={plan.skipped.length > 0 ? "border-t" : undefined}>
        {plan.nodes.map((node) => (
          <NodePlan key={node.nodeId} node={node} collapsed={collapsed} />
        ))}
      </ol>
    </>
  );
  if (!collapsed)
    return (
      <Panel
        title="In this order"
        aside={plan.nodes.length > 1 && "workers first, control planes one at a time"}
        bodyClassName=""
      >
        {body}
      </Panel>
    );
  return (
    <details className="group rounded-lg border bg-surface">
      <summary className="flex min-h-10 cursor-default items-center gap-1.5 px-3.5 font-semibold">
        <ChevronRight aria-hidden className="size-4 text-muted transition-transform group-open:rotate-90" />
        The plan as it was started
      </summary>
      <div className="border-t">{body}</div>
    </details>
  );
}
