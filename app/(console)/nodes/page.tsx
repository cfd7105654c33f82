import type { Metadata } from "next";
import { NodesPage } from "@/components/nodes/nodes-page";
import { requireRole } from "@/lib/auth/require-role";

export const metadata: Metadata = { title: "Nodes" };

export default async function Page() {
  await requireRole("viewer");
  return <NodesPage />;
}
