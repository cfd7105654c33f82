"use client";

import { useMemo } from "react";
import { useNodes, useRuns } from "@/components/live/use-live";
import { nodesInWork } from "./node-status";
import { nodesTable } from "./nodes-definition";

/** The nodes table. It is another one only when a run begins or ends its work on a node, so that rows are not drawn in vain. */
export function useNodesTable() {
  const { nodes } = useNodes();
  const { runs } = useRuns();
  const ids = useMemo(() => [...nodesInWork(nodes, runs)].sort().join(), [nodes, runs]);
  return useMemo(() => nodesTable(new Set(ids.split(","))), [ids]);
}
