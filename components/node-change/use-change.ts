"use client";

import { useEffect, useState } from "react";
import { useOperation } from "@/components/operation/use-operation";
import type { OutputOf } from "@/lib/api/operations";
import type { NodeView } from "@/lib/inventory/schema";

export type Change = OutputOf<"node.change">;

/** What of a node decides where its change stands: each new value has it read anew. */
const keyOf = ({
  intent,
  runningSchematicId,
  talosVersion,
  bootId,
  stage,
  reachability,
  runId,
  proofs,
  assignment,
}: NodeView) =>
  JSON.stringify([
    [intent.profileIds, intent.schematicId, intent.schematicRegistered, intent.configHash],
    [runningSchematicId, talosVersion, bootId, stage, reachability.state, runId, assignment],
    proofs.map(({ state, firstBroken }) => [state, firstBroken]),
  ]);

/** Where a node's change stands, read again whenever the node, or what is recorded of it, has changed. */
export function useChange(node: NodeView, allowed: boolean) {
  const [change, setChange] = useState<Change | null>(null);
  const [round, setRound] = useState(0);
  const { run, pending, error } = useOperation("node.change");
  const key = keyOf(node);
  useEffect(() => {
    if (!allowed) return;
    let current = true;
    void run({ nodeId: node.id }).then((outcome) => {
      if (current && outcome.ok) setChange(outcome.data);
    });
    return () => {
      current = false;
    };
  }, [allowed, key, node.id, round, run]);
  return { change, pending, error, again: () => setRound((before) => before + 1) };
}
