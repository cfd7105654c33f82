import { ServicesTab } from "@/components/nodes/services-tab";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("Services");

export default async function Page({ params }: NodeProps) {
  await loadNode(decodeURIComponent((await params).node));
  return <ServicesTab />;
}
