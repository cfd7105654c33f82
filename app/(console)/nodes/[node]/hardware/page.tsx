import { HardwareTab } from "@/components/nodes/hardware-tab";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("Hardware");

export default async function Page({ params }: NodeProps) {
  await loadNode(decodeURIComponent((await params).node));
  return <HardwareTab />;
}
