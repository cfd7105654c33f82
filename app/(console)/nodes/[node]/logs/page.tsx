import { LogsTab } from "@/components/nodes/logs-tab";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("Logs");

export default async function Page({ params }: NodeProps) {
  await loadNode(decodeURIComponent((await params).node));
  return <LogsTab />;
}
