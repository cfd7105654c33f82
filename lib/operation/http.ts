import type { AppErrorCode } from "@/lib/core/errors";
import type { OperationError, OperationResult } from "./run-operation";

/** The HTTP status of each kind of failure. */
export const statusOf: Record<AppErrorCode, number> = {
  "invalid-input": 400,
  unauthenticated: 401,
  "proof-needed": 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  refused: 422,
  unsupported: 501,
  "rate-limited": 429,
  unavailable: 503,
  internal: 500,
};

const headers = (requestId: string) => ({ "cache-control": "no-store", "x-request-id": requestId });

/** What is away is dialled again within so long, and what is busy is over by then. */
const usualSeconds = 15;

/**
 * A failure as JSON: `{ "error": { code, message, hint?, fields?, details?, retryAfterSeconds?, requestId } }`. 429 and 503 have
 * `Retry-After` in seconds.
 */
export function errorResponse(error: OperationError): Response {
  const status = statusOf[error.code];
  const later = status === 429 || status === 503;
  const retry: Record<string, string> = later ? { "retry-after": String(error.retryAfterSeconds ?? usualSeconds) } : {};
  return Response.json({ error }, { status, headers: { ...headers(error.requestId), ...retry } });
}

/** A result as JSON: the data itself, or the failure. */
export const resultResponse = (result: OperationResult, requestId: string): Response =>
  result.ok ? Response.json({ data: result.data }, { headers: headers(requestId) }) : errorResponse(result.error);
