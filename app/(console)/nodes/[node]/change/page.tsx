import { ChangeTab } from "@/components/node-change/change-tab";
import { requireRole } from "@/lib/auth/require-role";
import { listProfiles } from "@/lib/gpu/queries";
import { loadNode, type NodeProps, nodeTitle } from "../load-node";

export const generateMetadata = nodeTitle("Change");

export default async function Page({ params }: NodeProps) {
  await loadNode(decodeURIComponent((await params).node));
  const profiles = await listProfiles(await requireRole("viewer"));
  return <ChangeTab profiles={profiles.map(({ profile: { id, name, vendor } }) => ({ id, name, vendor }))} />;
}
