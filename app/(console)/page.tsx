import type { Metadata } from "next";
import { OverviewPage } from "@/components/overview/overview-page";
import { requireRole } from "@/lib/auth/require-role";
import { getBackupHealth } from "@/lib/backup/queries";

export const metadata: Metadata = { title: "Overview" };

export default async function Page() {
  const ctx = await requireRole("viewer");
  const { state, sentence } = await getBackupHealth(ctx);
  return <OverviewPage backup={{ state, sentence }} />;
}
