import { RunsTable } from "@/components/upgrades/runs-table";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("Upgrades");

export default async function NodeUpgradesPage({ params }: NodeProps) {
  const node = await loadNode(decodeURIComponent((await params).node));
  return <RunsTable nodeId={node.id} />;
}
