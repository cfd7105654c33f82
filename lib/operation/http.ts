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

/** A failure as JSON: `{ "error": { code, message, hint?, fields?, details?, requestId } }`. */
export const errorResponse = (error: OperationError): Response =>
  Response.json({ error }, { status: statusOf[error.code], headers: headers(error.requestId) });

/** A result as JSON: the data itself, or the failure. */
export const resultResponse = (result: OperationResult, requestId: string): Response =>
  result.ok ? Response.json({ data: result.data }, { headers: headers(requestId) }) : errorResponse(result.error);
