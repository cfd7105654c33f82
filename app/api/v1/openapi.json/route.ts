import { openApiDocument } from "@/lib/api/openapi";
import { answer } from "@/lib/api/route";
import { requestActor } from "@/lib/auth/require-role";

/** The OpenAPI document, for anyone who is signed in or has a token. */
export const GET = (request: Request): Promise<Response> =>
  answer("openapi", async (requestId) => {
    await requestActor(request);
    return Response.json(openApiDocument(), { headers: { "cache-control": "no-store", "x-request-id": requestId } });
  });
