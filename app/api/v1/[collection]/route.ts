import { findRead } from "@/lib/api/reads";
import { answer } from "@/lib/api/route";
import { proveRole } from "@/lib/auth/ctx";
import { requestActor } from "@/lib/auth/require-role";
import { AppError } from "@/lib/core/errors";
import { resultResponse } from "@/lib/operation/http";

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
    const query = read.query.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!query.success) {
      const fields = Object.fromEntries(
        query.error.issues.map((issue) => [issue.path.map(String).join("."), issue.message]),
      );
      throw new AppError("invalid-input", "Some of the query is not valid.", { fields });
    }
    const data = await read.list(ctx, query.data as never);
    return resultResponse({ ok: true, data: read.output.parse(data) }, requestId);
  });
}
