import type { Metadata } from "next";
import { NodesPage } from "@/components/nodes/nodes-page";
import { requireRole } from "@/lib/auth/require-role";
import { listProfiles } from "@/lib/gpu/queries";

export const metadata: Metadata = { title: "Nodes" };

export default async function Page() {
  const ctx = await requireRole("viewer");
  const profiles = (await listProfiles(ctx)).map(({ profile: { id, name } }) => ({ id, name }));
  return <NodesPage profiles={profiles} />;
}
