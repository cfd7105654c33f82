"use client";

import { ArrowUpCircle } from "lucide-react";
import { BulkBar } from "@/components/data-table/bulk-bar";
import { useClusters } from "@/components/live/use-live";
import type { ProfileOption } from "@/components/node-config/profile-choice";
import { useRoleRefusal } from "@/components/operation/role-context";
import { ButtonLink } from "@/components/ui/button";
import { paths } from "@/lib/core/paths";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeView } from "@/lib/inventory/schema";
import { BulkAssign } from "./bulk-assign";

type BulkBarOfNodes = {
  nodes: readonly NodeView[];
  profiles: readonly ProfileOption[];
  onClear: () => void;
};

/** What can be done with the ticked nodes, and how many it would skip. */
export function NodesBulkBar({ nodes, profiles, onClear }: BulkBarOfNodes) {
  const { clusters } = useClusters();
  const refusal = useRoleRefusal("operator");
  const verdicts = nodes.map((node) => ({
    node,
    can: nodeCan.upgrade(node, clusters.find(({ id }) => id === node.clusterId) ?? null),
  }));
  const ready = verdicts.flatMap(({ node, can }) => (can.ok ? [node] : []));
  const skipped = verdicts.flatMap(({ node, can }) => (can.ok ? [] : [`${node.name}: ${can.reason}`]));
  const summary = refusal ?? (
    <span title={skipped.join("\n")}>
      {ready.length} can be upgraded{skipped.length > 0 && ` · ${skipped.length} skipped`}
    </span>
  );
  return (
    <BulkBar count={nodes.length} summary={summary} onClear={onClear}>
      {!refusal && (
        <>
          <BulkAssign nodes={nodes} profiles={profiles} />
          {ready.length > 0 && (
            <ButtonLink variant="primary" href={paths.planUpgrade(ready.map(({ id }) => id))}>
              <ArrowUpCircle aria-hidden />
              Upgrade…
            </ButtonLink>
          )}
        </>
      )}
    </BulkBar>
  );
}
