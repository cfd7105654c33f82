import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AddOns } from "@/components/gpu-profiles/add-ons";
import { vendorName } from "@/components/gpu-profiles/profile-facts";
import { ProfileNodes } from "@/components/gpu-profiles/profile-nodes";
import { ReleaseTable } from "@/components/gpu-profiles/release-table";
import { Crumb } from "@/components/shell/crumb";
import { Panel } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { requireRole } from "@/lib/auth/require-role";
import { builtInProfile } from "@/lib/gpu/profiles";

type Props = { params: Promise<{ profile: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: builtInProfile((await params).profile)?.name ?? "GPU profile" };
}

export default async function GpuProfilePage({ params }: Props) {
  await requireRole("viewer");
  const profile = builtInProfile((await params).profile);
  if (!profile) notFound();
  return (
    <div className="space-y-4">
      <Crumb label={profile.name} />
      <PageHeader
        title={profile.name}
        description={`${vendorName(profile)} · ${profile.architectures.join(" and ")} · built in`}
      />
      <p>{profile.summary}</p>
      <ProfileNodes profileId={profile.id} />
      <Panel title="Per Talos release" bodyClassName="">
        <ReleaseTable profile={profile} />
      </Panel>
      <Panel title="In Kubernetes" bodyClassName="">
        <AddOns addOns={profile.addOns} />
      </Panel>
    </div>
  );
}
