"use client";

import { createContext, type ReactNode, useContext } from "react";
import type { NodeView } from "@/lib/inventory/schema";

const NodeContext = createContext<NodeView | null>(null);

export const ThisNode = ({ node, children }: { node: NodeView; children: ReactNode }) => (
  <NodeContext value={node}>{children}</NodeContext>
);

/** The node whose page this is, as the stream last told it. Only below a node's address. */
export function useThisNode(): NodeView {
  const node = useContext(NodeContext);
  if (!node) throw new Error("useThisNode is for the pages of a node.");
  return node;
}
