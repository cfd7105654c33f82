import { NetworkTab } from "@/components/nodes/network-tab";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("Network");

export default async function Page({ params }: NodeProps) {
  await loadNode(decodeURIComponent((await params).node));
  return <NetworkTab />;
}
