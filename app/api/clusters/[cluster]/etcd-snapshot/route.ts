import { answer } from "@/lib/api/route";
import { requestActor } from "@/lib/auth/require-role";
import { downloadEtcdSnapshot } from "@/lib/inventory/etcd-snapshot";

export const dynamic = "force-dynamic";

/** A snapshot of a cluster's etcd as a file, for operators. Its size and SHA-256 are in the audit log. */
export const GET = (request: Request, { params }: { params: Promise<{ cluster: string }> }): Promise<Response> =>
  answer("GET /api/clusters/etcd-snapshot", async (requestId) => {
    // The role is proven in there, where a refusal is recorded with the cluster's name.
    const actor = await requestActor(request);
    const { cluster } = await params;
    const { fileName, body } = await downloadEtcdSnapshot(actor, cluster, { requestId, signal: request.signal });
    return new Response(body, {
      headers: {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="${fileName}"`,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": requestId,
      },
    });
  });
