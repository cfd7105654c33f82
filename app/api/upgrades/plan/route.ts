import { answer, readJson } from "@/lib/api/route";
import { requestActor } from "@/lib/auth/require-role";
import { runOperation } from "@/lib/operation/run-operation";
import { planUpgradeFor } from "@/lib/upgrades/operations";
import type { PlanFrame } from "@/lib/upgrades/schema";

export const dynamic = "force-dynamic";

/** Between two words about progress. */
const progressMs = 150;

/**
 * `upgrade.plan` for a page that follows it: lines of JSON (`planFrame`), progress first, the plan or the failure last. Going away
 * ends the work.
 */
export async function POST(request: Request): Promise<Response> {
  return answer("POST /api/upgrades/plan", async (requestId) => {
    const actor = await requestActor(request);
    const input = await readJson(request, actor);
    const left = new AbortController();
    const signal = AbortSignal.any([request.signal, left.signal]);
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        const send = (frame: PlanFrame) => {
          if (!signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(frame)}\n`));
        };
        let toldMs = 0;
        const onProgress = (answered: number, of: number) => {
          if (performance.now() - toldMs < progressMs) return;
          toldMs = performance.now();
          send({ kind: "progress", answered, of });
        };
        const operation = planUpgradeFor({ signal, onProgress });
        const result = await runOperation(operation, actor, input, { requestId, origin: "browser" });
        send(result.ok ? { kind: "plan", plan: result.data } : { kind: "failed", error: result.error });
        if (!signal.aborted) controller.close();
      },
      cancel: () => left.abort(new Error("The page has left.")),
    });
    return new Response(body, {
      headers: { "content-type": "application/x-ndjson", "cache-control": "no-store", "x-request-id": requestId },
    });
  });
}
