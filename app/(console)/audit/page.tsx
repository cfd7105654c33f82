import type { Metadata } from "next";
import { AuditTable } from "@/components/audit/audit-table";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { listAudit, verifyAudit } from "@/lib/audit/queries";
import { proveRole } from "@/lib/auth/ctx";
import { requireRole } from "@/lib/auth/require-role";
import { roleSatisfies } from "@/lib/auth/role";

export const metadata: Metadata = { title: "Audit" };
const pageEntries = 300;

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function AuditPage({ searchParams }: Props) {
  const ctx = await requireRole("viewer");
  const { before } = await searchParams;
  const beforeSeq = typeof before === "string" && /^\d{1,12}$/.test(before) ? Number(before) : undefined;
  const { entries, nextBeforeSeq } = await listAudit(ctx, { beforeSeq, limit: pageEntries });
  const { actor } = ctx;
  const admin = actor.kind === "system" || roleSatisfies(actor.role, "admin");
  const verdict = admin && beforeSeq === undefined ? await verifyAudit(proveRole(actor, "admin", ctx.requestId)) : null;
  return (
    <div className="space-y-4">
      <PageHeader
        title="Audit"
        description="Who did what, when, and how it ended. Written before it is done; never changed afterwards."
      />
      {verdict?.state === "broken" && (
        <Notice tone="bad" title="The audit log has been tampered with">
          The chain of hashes breaks at entry {verdict.seq}. Entries from there on cannot be trusted.
        </Notice>
      )}
      <AuditTable entries={entries} nextBeforeSeq={nextBeforeSeq} newest={beforeSeq === undefined} />
    </div>
  );
}
