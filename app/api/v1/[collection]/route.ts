import { findRead } from "@/lib/api/reads";
import { answer } from "@/lib/api/route";
import { proveRole } from "@/lib/auth/ctx";
import { requestActor } from "@/lib/auth/require-role";
import { resultResponse } from "@/lib/operation/http";
import { readQuery } from "@/lib/operation/read-query";

/** The reads for scripts: `GET /api/v1/nodes` and its like. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ collection: string }> },
): Promise<Response> {
  const { collection } = await params;
  return answer(`read ${collection}`, async (requestId) => {
    const actor = await requestActor(request);
    const read = findRead(collection);
    const ctx = proveRole(actor, "viewer", requestId, `${read.name}.list`);
    const query = readQuery(read.query, request);
    const data = await read.list(ctx, query as never);
    return resultResponse({ ok: true, data: read.output.parse(data) }, requestId);
  });
}
