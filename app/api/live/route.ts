import { z } from "zod";
import { streamRights } from "@/lib/auth/ctx";
import { requireRequestRole } from "@/lib/auth/require-role";
import { newId } from "@/lib/core/ids";
import { focusNode } from "@/lib/inventory/focus";
import { fleet } from "@/lib/inventory/fleet";
import { hub } from "@/lib/live/hub";
import { sseResponse } from "@/lib/live/sse";
import { errorResponse } from "@/lib/operation/http";
import { describeError } from "@/lib/operation/run-operation";

export const dynamic = "force-dynamic";

const query = z.object({
  focus: z.string().max(64).nullable().catch(null),
  lastEventId: z.string().max(64).nullable().catch(null),
});

/** The one live stream of a browser tab (`lib/live/frames.ts`). `?focus=<nodeId>` has that node's counters read faster. */
export async function GET(request: Request): Promise<Response> {
  const requestId = newId("request");
  try {
    const { actor } = await requireRequestRole(request, "viewer", "fleet.follow", requestId);
    const search = new URL(request.url).searchParams;
    const { focus, lastEventId } = query.parse({
      focus: search.get("focus"),
      lastEventId: request.headers.get("last-event-id") ?? search.get("lastEventId"),
    });
    // Its first use makes the fleet part of the hub's snapshot.
    const known = fleet();
    const looked = focus !== null && known.state(focus) !== null ? focusNode(focus) : undefined;
    return sseResponse(hub().subscribe({ lastEventId }), {
      signal: request.signal,
      ...streamRights(actor, Date.now()),
      ...(looked && { onEnd: looked }),
    });
  } catch (error) {
    return errorResponse(describeError(error, requestId, "GET /api/live"));
  }
}
