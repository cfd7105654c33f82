import { ArrowUpCircle } from "lucide-react";
import type { Metadata } from "next";
import { RunsTable } from "@/components/upgrades/runs-table";
import { ButtonLink } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { requireRole } from "@/lib/auth/require-role";
import { paths } from "@/lib/core/paths";

export const metadata: Metadata = { title: "Upgrades" };

export default async function UpgradesPage() {
  await requireRole("viewer");
  return (
    <div className="space-y-4">
      <PageHeader
        title="Upgrades"
        description="Runs, live and past."
        actions={
          <ButtonLink href={paths.planUpgrade()} variant="primary">
            <ArrowUpCircle aria-hidden /> Plan an upgrade
          </ButtonLink>
        }
      />
      <RunsTable />
    </div>
  );
}
