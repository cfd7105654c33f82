import type { FirstPreview } from "@/components/node-config/config-change";
import { ConfigTab } from "@/components/node-config/config-tab";
import type { Ctx } from "@/lib/auth/ctx";
import { requireRole } from "@/lib/auth/require-role";
import { roleSatisfies } from "@/lib/auth/role";
import { listProfiles } from "@/lib/gpu/queries";
import { nodeCan } from "@/lib/inventory/capabilities";
import { nodePreviewConfig } from "@/lib/inventory/operations";
import { listClusters } from "@/lib/inventory/queries";
import type { NodeView } from "@/lib/inventory/schema";
import { runOperation } from "@/lib/operation/run-operation";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("Config");

/** The config that runs and what the recorded intent would change, where the person and the node allow it. */
async function firstPreview(ctx: Ctx, node: NodeView): Promise<Awaited<FirstPreview>> {
  const { actor, requestId } = ctx;
  if (actor.kind === "system" || !roleSatisfies(actor.role, "operator")) return null;
  const cluster = (await listClusters(ctx)).find(({ id }) => id === node.clusterId) ?? null;
  if (!nodeCan.previewConfig(node, cluster).ok) return null;
  return runOperation(nodePreviewConfig, actor, { nodeId: node.id }, { requestId, origin: "browser" });
}

export default async function Page({ params }: NodeProps) {
  const node = await loadNode(decodeURIComponent((await params).node));
  const ctx = await requireRole("viewer");
  const profiles = (await listProfiles(ctx)).map(({ profile: { id, name } }) => ({ id, name }));
  // Not awaited: the page is there at once, and the node's answer follows.
  return <ConfigTab first={firstPreview(ctx, node)} profiles={profiles} />;
}
