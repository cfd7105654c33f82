import type { Metadata } from "next";
import { AddMachines, wayIds } from "@/components/machines/add-machines";
import { Crumb } from "@/components/shell/crumb";
import { PageHeader } from "@/components/ui/page-header";
import { requireRole } from "@/lib/auth/require-role";

export const metadata: Metadata = { title: "Add machines" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function AddMachinesPage({ searchParams }: Props) {
  await requireRole("viewer");
  const { way } = await searchParams;
  return (
    <div className="space-y-4">
      <Crumb label="Add machines" />
      <PageHeader
        title="Add machines"
        description="Any cluster with a talosconfig, and any machine in maintenance mode."
      />
      <AddMachines way={wayIds.find((id) => id === way) ?? "import"} />
    </div>
  );
}
