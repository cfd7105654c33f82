import "server-only";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { errorResponse } from "@/lib/operation/http";
import { describeError } from "@/lib/operation/run-operation";

const mostBodyBytes = 4 * 1024 * 1024;

/** Runs a route's work; what it throws becomes the typed JSON error with its status. */
export async function answer(during: string, work: (requestId: string) => Promise<Response>): Promise<Response> {
  const requestId = newId("request");
  try {
    return await work(requestId);
  } catch (error) {
    return errorResponse(describeError(error, requestId, during));
  }
}

/** The request's JSON body; none counts as `{}`. @throws AppError `invalid-input` when it is too long or not JSON. */
export async function readJson(request: Request): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBodyBytes) throw new AppError("invalid-input", "The body is longer than 4 MiB.");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AppError("invalid-input", "The body is not JSON.", { cause });
  }
}
