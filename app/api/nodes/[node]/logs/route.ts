import { z } from "zod";
import { streamRights } from "@/lib/auth/ctx";
import { requireRequestRole } from "@/lib/auth/require-role";
import { newId } from "@/lib/core/ids";
import { maxTailLines } from "@/lib/inventory/log-frames";
import { streamLogs } from "@/lib/inventory/log-queries";
import { downloadResponse } from "@/lib/inventory/log-download";
import { readQuery } from "@/lib/operation/read-query";
import { sseResponse } from "@/lib/live/sse";
import { errorResponse } from "@/lib/operation/http";
import { describeError } from "@/lib/operation/run-operation";

export const dynamic = "force-dynamic";

const query = z.object({
  service: z.string().regex(/^[\w./:-]{1,253}$/),
  kubernetes: z.stringbool().default(false),
  tail: z.coerce.number().int().min(0).max(maxTailLines).default(500),
  download: z.stringbool().default(false),
});

/**
 * The log of a service as server-sent events (`logFrame`): `?service=kubelet&tail=500`. With `download=true` the last
 * lines as a text file.
 */
export async function GET(request: Request, { params }: { params: Promise<{ node: string }> }): Promise<Response> {
  const requestId = newId("request");
  try {
    const ctx = await requireRequestRole(request, "operator", "node.logs", requestId);
    const { node } = await params;
    const asked = readQuery(query, request);
    const source = streamLogs(ctx, node, {
      service: asked.service,
      kubernetes: asked.kubernetes,
      tailLines: asked.download ? maxTailLines : asked.tail,
      follow: !asked.download,
      resumed: !asked.download && request.headers.get("last-event-id") !== null,
    });
    if (asked.download) return await downloadResponse(source, `${asked.service.replace(/\W+/g, "-")}.log`);
    return sseResponse(source, { signal: request.signal, node, ...streamRights(ctx.actor, Date.now()) });
  } catch (error) {
    return errorResponse(describeError(error, requestId, "GET /api/nodes/logs"));
  }
}
