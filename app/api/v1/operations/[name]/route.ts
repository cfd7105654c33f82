import { findOperation } from "@/lib/api/operations";
import { answer, readJson } from "@/lib/api/route";
import { requestActor } from "@/lib/auth/require-role";
import { AppError } from "@/lib/core/errors";
import { resultResponse } from "@/lib/operation/http";
import { runOperation } from "@/lib/operation/run-operation";

/** Every operation for scripts: the input as JSON in, `{ data }` or `{ error }` out. */
export async function POST(request: Request, { params }: { params: Promise<{ name: string }> }): Promise<Response> {
  const { name } = await params;
  return answer(name, async (requestId) => {
    const actor = await requestActor(request);
    const operation = findOperation(name);
    if (!operation) {
      throw new AppError("not-found", `There is no operation named ${name.slice(0, 60)}.`, {
        hint: "GET /api/v1/openapi.json lists them.",
      });
    }
    const { signal } = request;
    const result = await runOperation(operation, actor, await readJson(request, actor), {
      requestId,
      origin: "api",
      signal,
    });
    return resultResponse(result, requestId);
  });
}
