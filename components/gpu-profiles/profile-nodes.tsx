"use client";

import Link from "next/link";
import { useNodes } from "@/components/live/use-live";
import { ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { needsProfile } from "@/components/nodes/node-gpus";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";

const gpuText = (node: NodeView): string => [...new Set(node.gpus.map(({ model }) => model))].join(", ") || "no GPU";

function NodeLine({ node, action, why }: { node: NodeView; action: string; why?: string }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t px-3.5 py-2 first:border-t-0">
      <div className="min-w-0 flex-1 basis-56">
        <Link href={paths.node(node.id, "gpus")} className="font-medium hover:underline">
          {node.name}
        </Link>
        <span className="text-muted"> · {gpuText(node)}</span>
        {why && <p className="text-xs text-muted">{why}</p>}
      </div>
      <ButtonLink size="sm" href={paths.node(node.id, "gpus")}>
        {action}
      </ButtonLink>
    </li>
  );
}

/** Which nodes have a profile, and which should, with the reason. */
export function ProfileNodes({ profileId }: { profileId: string }) {
  const { nodes, loaded } = useNodes();
  const assigned = nodes.filter((node) => node.intent.profileIds.includes(profileId));
  const suggested = nodes.filter(
    (node) => node.suggestion?.profileId === profileId && !node.intent.profileIds.includes(profileId),
  );
  return (
    <Panel title="Nodes" aside={loaded ? `${assigned.length} assigned` : undefined} bodyClassName="">
      {!loaded ? (
        <Skeleton className="m-3.5 h-16" />
      ) : assigned.length + suggested.length === 0 ? (
        <p className="p-3.5 text-muted">No node has it, and no GPU of the fleet asks for it.</p>
      ) : (
        <ul>
          {assigned.map((node) => (
            <NodeLine key={node.id} node={node} action="Open" />
          ))}
          {suggested.map((node) => (
            <NodeLine
              key={node.id}
              node={node}
              action={needsProfile(node) ? "Review…" : "Open"}
              why={`${needsProfile(node) ? "" : "Works without it being recorded. "}${node.suggestion?.reason ?? ""}`}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}
