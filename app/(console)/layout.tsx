import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { ChainAlarm } from "@/components/audit/chain-alarm";
import { Shell } from "@/components/shell/shell";
import { auditStatus } from "@/lib/audit/verification";
import { currentActor, requireRole } from "@/lib/auth/require-role";

/** Everything behind the sign-in. Each page and each operation proves the role again: this only shows the frame. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  await requireRole("viewer");
  const actor = await currentActor();
  const user =
    actor?.kind === "user" ? { name: actor.name, role: actor.role } : { name: "nobody", role: "viewer" as const };
  return (
    <NuqsAdapter>
      <Shell user={user} renderedAtMs={new Date().getTime()}>
        <ChainAlarm status={auditStatus()} className="mb-4" />
        {children}
      </Shell>
    </NuqsAdapter>
  );
}
