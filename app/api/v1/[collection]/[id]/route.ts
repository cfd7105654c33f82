import { findRead } from "@/lib/api/reads";
import { answer } from "@/lib/api/route";
import { proveRole } from "@/lib/auth/ctx";
import { requestActor } from "@/lib/auth/require-role";
import { AppError } from "@/lib/core/errors";
import { resultResponse } from "@/lib/operation/http";

/** One thing for scripts: `GET /api/v1/nodes/<id>` and its like. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ collection: string; id: string }> },
): Promise<Response> {
  const { collection, id } = await params;
  return answer(`read ${collection}`, async (requestId) => {
    const actor = await requestActor(request);
    const read = findRead(collection);
    const ctx = proveRole(actor, "viewer", requestId, `${read.name}.get`);
    const found = read.get && read.item ? await read.get(ctx, id) : null;
    if (!read.item || found === null || found === undefined)
      throw new AppError("not-found", `There is none of ${collection} with this id.`);
    return resultResponse({ ok: true, data: read.item.parse(found) }, requestId);
  });
}
