import "server-only";
import type { Actor } from "@/lib/auth/ctx";
import { roleSatisfies } from "@/lib/auth/role";
import { JsonTooMuch, parseBoundedJson } from "@/lib/core/bounds/bounded-json";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { formatBytes } from "@/lib/core/units";
import { errorResponse } from "@/lib/operation/http";
import { inputBudget } from "@/lib/operation/input-budget";
import { describeError } from "@/lib/operation/run-operation";

const mebibyte = 1024 * 1024;
/** Machine configs and patches are for operators; the largest text of all others is a schematic of 256 KiB. */
const mostBodyBytes = (actor: Actor): number =>
  actor.kind === "system" || roleSatisfies(actor.role, "operator") ? 4 * mebibyte : mebibyte;

/** Runs a route's work; what it throws becomes the typed JSON error with its status. */
export async function answer(during: string, work: (requestId: string) => Promise<Response>): Promise<Response> {
  const requestId = newId("request");
  try {
    return await work(requestId);
  } catch (error) {
    return errorResponse(describeError(error, requestId, during));
  }
}

/**
 * The request's JSON body; none counts as `{}`. What it would become is counted before anything is made of it.
 * @throws AppError `invalid-input` when it is too long for the role, too much or not JSON.
 */
export async function readJson(request: Request, actor: Actor): Promise<unknown> {
  const mostBytes = mostBodyBytes(actor);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) throw new AppError("invalid-input", `The body is longer than ${formatBytes(mostBytes)}.`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() === "") return {};
  try {
    return parseBoundedJson(text, { bytes: mostBytes, depth: inputBudget.depth, nodes: inputBudget.values });
  } catch (cause) {
    if (!(cause instanceof JsonTooMuch)) throw new AppError("invalid-input", "The body is not JSON.", { cause });
    throw new AppError("invalid-input", `The body is too much to be read: ${cause.message}.`, {
      hint: "Send less in one request.",
      cause,
    });
  }
}
