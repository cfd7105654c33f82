import type { Metadata } from "next";
import { ClustersPage } from "@/components/clusters/clusters-page";
import { requireRole } from "@/lib/auth/require-role";

export const metadata: Metadata = { title: "Clusters" };

export default async function Page() {
  await requireRole("viewer");
  return <ClustersPage />;
}
