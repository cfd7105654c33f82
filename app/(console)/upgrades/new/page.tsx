import type { Metadata } from "next";
import { NewPlanPage } from "@/components/upgrades/new-plan-page";
import { requireRole } from "@/lib/auth/require-role";
import { offeredReleases } from "@/lib/upgrades/queries";

export const metadata: Metadata = { title: "Plan an upgrade" };

export default async function NewUpgradePage() {
  const releases = await offeredReleases(await requireRole("viewer"));
  return <NewPlanPage releases={releases} />;
}
