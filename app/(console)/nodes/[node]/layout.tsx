import type { ReactNode } from "react";
import { NodeFrame } from "@/components/nodes/node-frame";
import { loadNode, type NodeProps } from "./load-node";

export default async function NodeLayout({ params, children }: NodeProps & { children: ReactNode }) {
  const node = await loadNode(decodeURIComponent((await params).node));
  return <NodeFrame initial={node}>{children}</NodeFrame>;
}
