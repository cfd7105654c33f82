import type { Metadata } from "next";
import { OverviewPage } from "@/components/overview/overview-page";
import { requireRole } from "@/lib/auth/require-role";

export const metadata: Metadata = { title: "Overview" };

export default async function Page() {
  await requireRole("viewer");
  return <OverviewPage />;
}
