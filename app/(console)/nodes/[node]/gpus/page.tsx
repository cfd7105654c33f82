import { GpusTab } from "@/components/nodes/gpus-tab";
import type { CanonicalById } from "@/components/nodes/schematic-change";
import { requireRole } from "@/lib/auth/require-role";
import { listImages } from "@/lib/inventory/image-queries";
import type { NodeView } from "@/lib/inventory/schema";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("GPUs");

/** The texts of the schematics that the node runs and should run, as far as they are known here. */
async function canonicalOf(node: NodeView): Promise<CanonicalById> {
  const ids = new Set([node.runningSchematicId, node.intent.schematicId]);
  const images = await listImages(await requireRole("viewer"));
  return Object.fromEntries(
    images.flatMap(({ id, canonical }) => (ids.has(id) && canonical !== null ? [[id, canonical]] : [])),
  );
}

export default async function Page({ params }: NodeProps) {
  const node = await loadNode(decodeURIComponent((await params).node));
  return <GpusTab canonical={await canonicalOf(node)} />;
}
