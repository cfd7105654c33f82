import type { Metadata } from "next";
import { AuditTable } from "@/components/audit/audit-table";
import { ChainState } from "@/components/audit/chain-state";
import { FailuresPanel } from "@/components/audit/failures-panel";
import { PageHeader } from "@/components/ui/page-header";
import { listFailures } from "@/lib/audit/failures";
import { listAudit } from "@/lib/audit/queries";
import { auditStatus } from "@/lib/audit/verification";
import { proveRole } from "@/lib/auth/ctx";
import { requireRole } from "@/lib/auth/require-role";
import { roleSatisfies } from "@/lib/auth/role";

export const metadata: Metadata = { title: "Audit" };
const pageEntries = 300;

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function AuditPage({ searchParams }: Props) {
  const ctx = await requireRole("viewer");
  const { actor } = ctx;
  const reads = actor.kind === "system" || roleSatisfies(actor.role, "auditor");
  const { before } = await searchParams;
  const beforeSeq = typeof before === "string" && /^\d{1,12}$/.test(before) ? Number(before) : undefined;
  const { entries, nextBeforeSeq } = await listAudit(ctx, { beforeSeq, limit: pageEntries });
  return (
    <div className="space-y-4">
      <PageHeader
        title="Audit"
        description="Who did what, when, and how it ended. Written before it is done; never changed afterwards."
      />
      <ChainState initial={auditStatus()} />
      {reads && <FailuresPanel failures={await listFailures(proveRole(actor, "auditor", ctx.requestId))} />}
      <AuditTable entries={entries} nextBeforeSeq={nextBeforeSeq} newest={beforeSeq === undefined} />
    </div>
  );
}
