"use client";

import { Server } from "lucide-react";
import type { ReactNode } from "react";
import { useNodeFocus } from "@/components/live/focus";
import { useNode, useNodeRun } from "@/components/live/use-live";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { StatusMark } from "@/components/ui/status";
import { type TabLink, TabsNav } from "@/components/ui/tabs-nav";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";
import { NodeActions } from "./node-actions";
import { hostOf, roleWords, versionText, worstProof } from "./node-gpus";
import { HeldBanner } from "./held-banner";
import { NodeStanding } from "./node-standing";
import { nodeStatus } from "./node-status";
import { ThisNode } from "./this-node";

function tabsOf(node: NodeView): TabLink[] {
  // While a machine is on its way to be a node, its steps say where it is.
  const adopting = node.adoption !== null && !node.adoption.joined;
  const proof = adopting ? null : worstProof(node.proofs);
  const unwell = node.services.filter(({ healthy }) => healthy === false).length;
  return [
    { href: paths.node(node.id), label: "Overview" },
    {
      href: paths.node(node.id, "gpus"),
      label: "GPUs",
      alert:
        proof?.state === "broken"
          ? { tone: "bad", label: "not working" }
          : proof?.state === "no-profile"
            ? { tone: "warn", label: "no profile" }
            : null,
    },
    ...(node.clusterId === null ? [] : [{ href: paths.node(node.id, "change"), label: "Change" }]),
    {
      href: paths.node(node.id, "services"),
      label: "Services",
      alert: unwell > 0 ? { tone: "bad", label: `${unwell} not healthy` } : null,
    },
    { href: paths.node(node.id, "logs"), label: "Logs" },
    { href: paths.node(node.id, "config"), label: "Config" },
    { href: paths.node(node.id, "boot-media"), label: "Boot media" },
    { href: paths.node(node.id, "upgrades"), label: "Upgrades" },
    { href: paths.node(node.id, "hardware"), label: "Hardware" },
    { href: paths.node(node.id, "network"), label: "Network" },
  ];
}

function Facts({ node }: { node: NodeView }) {
  const facts = [
    node.clusterName ? `${roleWords[node.role]} in ${node.clusterName}` : roleWords[node.role],
    hostOf(node.address) === node.name ? null : hostOf(node.address),
    node.talosVersion && `Talos ${versionText(node.talosVersion)}`,
    node.kubernetesVersion && `Kubernetes ${versionText(node.kubernetesVersion)}`,
  ].filter(Boolean);
  return <span className="text-muted">{facts.join(" · ")}</span>;
}

/** The head of every page of a node: what it is, what it does now, what can be done, and its tabs. */
export function NodeFrame({ initial, children }: { initial: NodeView; children: ReactNode }) {
  useNodeFocus(initial.id);
  const node = useNode(initial.id, initial);
  const run = useNodeRun(node?.runId ?? null);
  if (!node) {
    return (
      <Card>
        <h1 className="sr-only">{initial.name} was removed</h1>
        <EmptyState
          icon={Server}
          title={`${initial.name} was removed`}
          action={<ButtonLink href={paths.nodes()}>All nodes</ButtonLink>}
        >
          It is no longer managed here. The machine itself was not changed by that.
        </EmptyState>
      </Card>
    );
  }
  const { tone, words, reason, transitional } = nodeStatus(node, run);
  const { reachability } = node;
  const lastSeenMs = reachability.state === "unreachable" ? reachability.lastSeenMs : null;
  return (
    <ThisNode node={node}>
      <div className="space-y-4">
        <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
          <div className="min-w-0">
            <h1 tabIndex={-1} className="text-xl font-semibold tracking-[-0.01em] wrap-anywhere">
              {node.name}
            </h1>
            <div className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-0.5">
              <span role="status" className="flex items-center gap-1.5">
                <StatusMark tone={tone} transitional={transitional} />
                {words}
                {transitional && reason && <span className="text-muted">{reason}</span>}
                {lastSeenMs !== null && (
                  <span className="text-muted">
                    last seen <RelativeTime atMs={lastSeenMs} />
                  </span>
                )}
              </span>
              <Facts node={node} />
            </div>
          </div>
          <NodeActions node={node} />
        </header>
        <TabsNav label={`Pages of ${node.name}`} tabs={tabsOf(node)} />
        <HeldBanner node={node} />
        <NodeStanding node={node} run={run} />
        {children}
      </div>
    </ThisNode>
  );
}
