import type { Metadata } from "next";
import { ProfileCard } from "@/components/gpu-profiles/profile-card";
import { PageHeader } from "@/components/ui/page-header";
import { requireRole } from "@/lib/auth/require-role";
import { builtInProfiles } from "@/lib/gpu/profiles";

export const metadata: Metadata = { title: "GPU profiles" };

export default async function GpuProfilesPage() {
  await requireRole("viewer");
  return (
    <div className="space-y-4">
      <PageHeader
        title="GPU profiles"
        description="What a GPU needs: system extensions, kernel modules and arguments, resolved for each Talos release."
      />
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,20rem),1fr))] gap-3.5">
        {builtInProfiles.map((profile) => (
          <ProfileCard key={profile.id} profile={profile} />
        ))}
      </ul>
    </div>
  );
}
