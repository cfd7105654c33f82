"use client";

import Link from "next/link";
import { useNodeRun } from "@/components/live/use-live";
import { ProofStrip } from "@/components/ui/proof-strip";
import { RelativeTime } from "@/components/ui/relative-time";
import { useClock } from "@/components/ui/use-clock";
import { Sparkline } from "@/components/ui/sparkline";
import { Status } from "@/components/ui/status";
import { TailCut } from "@/components/ui/tail-cut";
import { VendorChip } from "@/components/ui/vendor-chip";
import { paths } from "@/lib/core/paths";
import { formatPercent } from "@/lib/core/units";
import type { NodeView } from "@/lib/inventory/schema";
import { gpuGroups, hostOf, roleWords, versionText, worstProof } from "./node-gpus";
import { nodeStatus } from "./node-status";

type Props = { node: NodeView };

export function NameCell({ node }: Props) {
  const host = hostOf(node.address);
  return (
    <span className="flex min-w-0 flex-col">
      <Link
        data-row-link
        href={paths.node(node.id)}
        aria-label={node.name}
        className="font-medium hover:underline focus-visible:outline-offset-[-2px]"
      >
        <TailCut>{node.name}</TailCut>
      </Link>
      <span className="truncate text-xs text-muted">
        {roleWords[node.role]}
        {host !== node.name && (
          <>
            {" · "}
            <span className="font-mono">{host}</span>
          </>
        )}
      </span>
    </span>
  );
}

export function StatusCell({ node }: Props) {
  const run = useNodeRun(node.runId);
  const { tone, words, reason, transitional } = nodeStatus(node, run);
  return (
    <Status tone={tone} reason={reason && <span title={reason}>{reason}</span>} transitional={transitional}>
      {words}
    </Status>
  );
}

export function GpusCell({ node }: Props) {
  const groups = gpuGroups(node.gpus);
  const [first] = groups;
  if (!first) return <span className="text-xs text-muted">{node.hardware ? "none" : "not known"}</span>;
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <VendorChip vendor={first.vendor} count={first.count}>
        {first.model}
      </VendorChip>
      {groups.length > 1 && (
        <span
          className="shrink-0 text-xs text-muted"
          title={groups
            .slice(1)
            .map((group) => group.model)
            .join(", ")}
        >
          +{groups.length - 1}
        </span>
      )}
    </span>
  );
}

export function ProofCell({ node }: Props) {
  const proof = worstProof(node.proofs);
  if (!proof) return null;
  return (
    <Link href={paths.node(node.id, "gpus")} className="inline-flex h-6 items-center rounded-sm">
      <ProofStrip steps={proof.links} missing={proof.state === "no-profile"} />
    </Link>
  );
}

export function TalosCell({ node }: Props) {
  const run = useNodeRun(node.runId);
  const target = run?.nodes.find(({ nodeId, state }) => nodeId === node.id && state !== "done")?.toVersion ?? null;
  const version = versionText(node.talosVersion);
  return (
    <span className="flex min-w-0 flex-col font-mono text-xs">
      <span className="truncate">{version ?? <span className="text-faint">not known</span>}</span>
      {target && versionText(target) !== version && (
        <span className="truncate text-muted">→ {versionText(target)}</span>
      )}
    </span>
  );
}

export function CpuCell({ node }: Props) {
  const clock = useClock();
  const { reachability } = node;
  if (reachability.state === "unreachable" && reachability.lastSeenMs !== null) {
    return (
      <span
        className="text-xs whitespace-nowrap text-muted"
        title={`no data since ${clock.time(reachability.lastSeenMs)}`}
      >
        until {clock.time(reachability.lastSeenMs).slice(0, 5)}
      </span>
    );
  }
  if (!node.cpuHistory.some((value) => value !== null)) return <span className="text-xs text-faint">no data yet</span>;
  const newest = node.counters?.cpuPercent ?? null;
  return (
    <Sparkline
      values={node.cpuHistory}
      label={`CPU ${newest === null ? "not known" : formatPercent(newest)}, last 10 minutes`}
    />
  );
}

export function LastSeenCell({ node }: Props) {
  const { reachability } = node;
  const atMs =
    reachability.state === "unreachable"
      ? reachability.lastSeenMs
      : reachability.state === "reachable"
        ? node.readAtMs
        : null;
  return (
    <span className="text-xs whitespace-nowrap text-muted">
      {atMs === null ? "never" : <RelativeTime atMs={atMs} />}
    </span>
  );
}
