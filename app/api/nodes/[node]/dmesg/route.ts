import { z } from "zod";
import { streamRights } from "@/lib/auth/ctx";
import { requireRequestRole } from "@/lib/auth/require-role";
import { newId } from "@/lib/core/ids";
import { downloadResponse } from "@/lib/inventory/log-download";
import { streamDmesg } from "@/lib/inventory/log-queries";
import { readQuery } from "@/lib/operation/read-query";
import { sseResponse } from "@/lib/live/sse";
import { errorResponse } from "@/lib/operation/http";
import { describeError } from "@/lib/operation/run-operation";

export const dynamic = "force-dynamic";

const query = z.object({ download: z.stringbool().default(false) });

/** The kernel log as server-sent events (`logFrame`), resumable by time; with `download=true` as a text file. */
export async function GET(request: Request, { params }: { params: Promise<{ node: string }> }): Promise<Response> {
  const requestId = newId("request");
  try {
    const ctx = await requireRequestRole(request, "operator", "node.dmesg", requestId);
    const { node } = await params;
    const { download } = readQuery(query, request);
    const lastTime = download ? null : request.headers.get("last-event-id");
    const source = streamDmesg(ctx, node, { follow: !download, lastTime });
    if (download) return await downloadResponse(source, "dmesg.log");
    return sseResponse(source, { signal: request.signal, node, ...streamRights(ctx.actor, Date.now()) });
  } catch (error) {
    return errorResponse(describeError(error, requestId, "GET /api/nodes/dmesg"));
  }
}
