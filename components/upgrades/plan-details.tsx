"use client";

import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button, ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { CommandLine } from "@/components/ui/command-line";
import { Disclosure } from "@/components/ui/disclosure";
import { Notice } from "@/components/ui/notice";
import { paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import type { PlanNode, UpgradePlan } from "@/lib/upgrades/schema";
import { ChecksList } from "./checks-list";
import { effectText } from "./plan-words";
import { versionChange } from "./version-change";

const shortId = (id: string | null): string => (id ? `${id.slice(0, 8)}…` : "none");

/** Where a node goes: its own next hop, and what follows it. */
function Way({ node }: { node: PlanNode }) {
  const later = node.hops.slice(1).map((hop) => hop.replace(/^v/, ""));
  return (
    <p className="font-mono text-xs">
      {versionChange(node)}
      {later.length > 0 && <span className="text-muted"> then {later.join(", ")}</span>}
      {node.fromSchematicId !== node.toSchematicId && (
        <span className="text-muted">
          {" "}
          · {shortId(node.fromSchematicId)} → {shortId(node.toSchematicId)}
        </span>
      )}
    </p>
  );
}

function NodePlan({ node, plan, collapsed }: { node: PlanNode; plan: UpgradePlan; collapsed: boolean }) {
  const trouble = node.checks.filter(({ state }) => state !== "ok");
  const refused = trouble.some(({ state }) => state === "refused");
  return (
    <li className="space-y-1.5 border-t px-3.5 py-2.5 first:border-t-0">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p className="min-w-0 font-medium wrap-anywhere">
          <span className="text-muted tabular-nums">{node.order + 1}. </span>
          {node.name}
          <span className="font-normal text-muted">
            {" "}
            · {node.role === "controlplane" ? "control plane" : node.role}
          </span>
        </p>
        <Way node={node} />
      </div>
      {!collapsed && node.effect && <p className="text-muted wrap-anywhere">{effectText(node.effect, plan)}</p>}
      {!collapsed && trouble.length > 0 && (
        <div className="-mx-3.5 border-y">
          <ChecksList checks={trouble} />
        </div>
      )}
      {!collapsed && refused && (
        <ButtonLink href={paths.node(node.nodeId, "change")}>What {node.name} needs first…</ButtonLink>
      )}
      <div className="flex flex-wrap gap-x-4">
        {node.changes.length > 0 && (
          <Disclosure label={countOf(node.changes.length, "change")} open={collapsed || plan.nodes.length <= openUpTo}>
            <ul className="list-disc space-y-0.5 pl-5 text-muted">
              {node.changes.map((change) => (
                <li key={change} className="wrap-anywhere">
                  {change}
                </li>
              ))}
            </ul>
          </Disclosure>
        )}
        {!collapsed && node.checks.length > 0 && (
          <Disclosure label={countOf(node.checks.length, "check")}>
            <div className="-mx-3.5">
              <ChecksList checks={node.checks} />
            </div>
          </Disclosure>
        )}
        {/* A shell would run into what the checks refuse. */}
        {!refused && node.commands.length > 0 && (
          <Disclosure label="The same from a shell">
            <CommandLine lines={node.commands} className="mt-1" />
          </Disclosure>
        )}
      </div>
    </li>
  );
}

/** What changes on a few nodes is read at once; on many, the order comes first. */
const openUpTo = 3;
/** So many are drawn until somebody asks for the others. */
const shownFirst = 50;

function LeftOut({ skipped, collapsed }: Pick<UpgradePlan, "skipped"> & { collapsed: boolean }) {
  const [all, setAll] = useState(false);
  const shown = all ? skipped : skipped.slice(0, shownFirst);
  return (
    <div className="p-3.5">
      <Notice tone="info" title={`${skipped.length} left out`}>
        <ul>
          {shown.map(({ nodeId, name, reason }) => (
            <li key={nodeId} className="wrap-anywhere">
              {collapsed ? (
                name
              ) : (
                <Link href={paths.node(nodeId, "change")} className="font-medium hover:underline">
                  {name}
                </Link>
              )}
              : {reason}
            </li>
          ))}
        </ul>
        {shown.length < skipped.length && <Button onClick={() => setAll(true)}>Show all {skipped.length}</Button>}
      </Notice>
    </div>
  );
}

/** What a plan will do, node by node, with what each turn brings and the commands that would do the same. */
export function PlanDetails({ plan, collapsed = false }: { plan: UpgradePlan; collapsed?: boolean }) {
  const [all, setAll] = useState(false);
  const shown = all ? plan.nodes : plan.nodes.slice(0, shownFirst);
  const body = (
    <>
      <ol aria-label="Order of the nodes">
        {shown.map((node) => (
          <NodePlan key={node.nodeId} node={node} plan={plan} collapsed={collapsed} />
        ))}
      </ol>
      {shown.length < plan.nodes.length && (
        <div className="border-t px-3.5 py-2.5">
          <Button onClick={() => setAll(true)}>Show all {plan.nodes.length} nodes</Button>
        </div>
      )}
      {plan.skipped.length > 0 && (
        <div className={plan.nodes.length > 0 ? "border-t" : undefined}>
          <LeftOut skipped={plan.skipped} collapsed={collapsed} />
        </div>
      )}
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
