import { OverviewTab } from "@/components/nodes/overview-tab";
import { requireRole } from "@/lib/auth/require-role";
import { nodeHistory } from "@/lib/inventory/queries";
import { loadNode, type NodeProps } from "./load-node";

export async function generateMetadata({ params }: NodeProps) {
  return { title: (await loadNode(decodeURIComponent((await params).node))).name };
}

export default async function Page({ params }: NodeProps) {
  const node = await loadNode(decodeURIComponent((await params).node));
  const history = await nodeHistory(await requireRole("viewer"), node.id, "hour");
  return <OverviewTab history={history} />;
}
