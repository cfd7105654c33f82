import { RunsTable } from "@/components/upgrades/runs-table";
import { loadNode, type NodeProps } from "../load-node";

export default async function NodeUpgradesPage({ params }: NodeProps) {
  const node = await loadNode(decodeURIComponent((await params).node));
  return <RunsTable nodeId={node.id} />;
}
