import { answer } from "@/lib/api/route";
import { exportAudit, exportFilter } from "@/lib/audit-keeping/export";
import { requestActor } from "@/lib/auth/require-role";
import { readQuery } from "@/lib/operation/read-query";

export const dynamic = "force-dynamic";

/** The audit log as JSON lines, for auditors: `?from=2026-01-01&to=…&actor=user:…&action=node.reboot`. How to check one: docs/audit.md. */
export const GET = (request: Request): Promise<Response> =>
  answer("GET /api/v1/audit/export", async (requestId) => {
    // The role is proven in there, where a refusal is recorded.
    const actor = await requestActor(request);
    const body = await exportAudit(actor, readQuery(exportFilter, request), requestId);
    const stamp = new Date().toISOString().replace(/[:.]/g, "-");
    return new Response(body, {
      headers: {
        "content-type": "application/jsonl; charset=utf-8",
        "content-disposition": `attachment; filename="audit-${stamp}.jsonl"`,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": requestId,
      },
    });
  });
