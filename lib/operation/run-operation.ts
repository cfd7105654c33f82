import "server-only";
import type { z } from "zod";
import { recordIntent, recordOutcome } from "@/lib/audit/record";
import { type Actor, actorRef, type Ctx, proveRole } from "@/lib/auth/ctx";
import { requireFreshProof, type Sensitivity } from "@/lib/auth/proof";
import type { Role } from "@/lib/auth/role";
import { AppError, type AppErrorCode, StorageUnavailable } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { workFor } from "@/lib/core/off-thread/pool";
import { recordingRefusal } from "./admit";
import type { OperationKind, OperationTarget } from "./define-operation";
import { refuseTooMuch } from "./input-budget";
import { parseWhole } from "./parse-whole";
import { accountOf, takeTurn } from "./quota";

export type OperationError = {
  code: AppErrorCode;
  message: string;
  hint?: string;
  fields?: Record<string, string>;
  details?: string;
  /** When to try again, of what a limit refused. */
  retryAfterSeconds?: number;
  requestId: string;
};
export type OperationResult<T = unknown> = { ok: true; data: T } | { ok: false; error: OperationError };
export type RequestOrigin = "browser" | "api" | "system";

/** Any operation, its input and output forgotten: what lists of operations hold. */
export type AnyOperation = {
  name: string;
  role: Role;
  kind: OperationKind["kind"];
  unaudited?: string;
  sensitive?: Sensitivity;
  cost?: "expensive";
  summary: string;
  input: z.ZodType;
  output: z.ZodType;
  target?: (input: never) => OperationTarget | null;
  auditDetail?: (input: never) => Record<string, unknown>;
  run: (ctx: never, input: never) => Promise<unknown>;
  readonly defined: true;
};
type OutputOf<O extends AnyOperation> = z.output<O["output"]>;

/**
 * Runs an operation for an actor: role, input, fresh proof where it is sensitive, audit intent, the work, audit outcome. The only caller of `run`.
 * Never throws: expected failures come back with their sentence, unexpected ones are logged under the request id and
 * come back with a fixed one.
 */
export async function runOperation<O extends AnyOperation>(
  operation: O,
  actor: Actor,
  input: unknown,
  { requestId, origin, signal }: { requestId: string; origin: RequestOrigin; signal?: AbortSignal },
): Promise<OperationResult<OutputOf<O>>> {
  let release = (): void => {};
  try {
    refuseTooMuch(input);
    const asked = { actor, requestId, action: operation.name, target: () => targetOf(operation, input) };
    const ctx: Ctx = await recordingRefusal(asked, () => proveRole(actor, operation.role, requestId, operation.name));
    if (operation.cost === "expensive") release = takeTurn(actor, Date.now());
    const parsed = parseInput(operation, input);
    const { sensitive } = operation;
    if (sensitive) await recordingRefusal(asked, () => requireFreshProof(actor, sensitive, Date.now()));
    const changes = operation.kind !== "compute";
    // What only computes need not go on for somebody who has left; a change does.
    const whose = { holder: accountOf(actor) ?? actorRef(actor), signal: changes ? undefined : signal };
    const value = await workFor(whose, () =>
      changes ? runAudited(operation, ctx, parsed, origin) : operation.run(ctx as never, parsed as never),
    );
    // Parsed, so that nothing leaves that the output does not declare.
    return { ok: true, data: operation.output.parse(value) as OutputOf<O> };
  } catch (error) {
    return { ok: false, error: describeError(error, requestId, operation.name) };
  } finally {
    release();
  }
}

/** What it is about, as far as the input says so. */
function targetOf(operation: AnyOperation, input: unknown): OperationTarget | null {
  const parsed = operation.input.safeParse(input);
  return parsed.success ? (operation.target?.(parsed.data as never) ?? null) : null;
}

function parseInput(operation: AnyOperation, input: unknown): unknown {
  const parsed = parseWhole(operation.input, input);
  if (parsed.ok) return parsed.value;
  throw new AppError("invalid-input", "Some of the input is not valid.", { fields: parsed.fields });
}

async function runAudited(operation: AnyOperation, ctx: Ctx, input: unknown, origin: RequestOrigin): Promise<unknown> {
  const intentId = await recordIntent(ctx, {
    action: operation.name,
    target: operation.target?.(input as never) ?? null,
    detail: { ...operation.auditDetail?.(input as never), via: origin },
  }).catch((cause: unknown) => {
    log.unexpected("The audit log cannot be written", cause, { operation: operation.name });
    throw new AppError("unavailable", "The audit log cannot be written, so nothing was done.", {
      hint: "Check that the disk of the data directory has room and can be written to.",
      cause,
    });
  });
  const startedMs = performance.now();
  const finish = (outcome: "succeeded" | "failed", errorCode?: string) =>
    recordOutcome(ctx, intentId, { outcome, errorCode, durationMs: performance.now() - startedMs }).catch(
      (error: unknown) =>
        // What was done is done; the log then says "unknown" of it, which is true.
        log.unexpected("An outcome could not be written to the audit log", error, {
          operation: operation.name,
          intentId,
        }),
    );
  try {
    const value = await operation.run(ctx as never, input as never);
    await finish("succeeded");
    return value;
  } catch (error) {
    await finish("failed", error instanceof AppError ? error.code : "internal");
    throw error;
  }
}

/** Prisma's codes of a value that is taken, a reference to what is gone, and a row that is gone: another request was quicker. */
const raceCodes: ReadonlySet<unknown> = new Set(["P2002", "P2003", "P2025"]);
const isRace = (error: unknown): boolean => error instanceof Error && raceCodes.has(Reflect.get(error, "code"));

/** What a caller may know of a failure. */
export function describeError(error: unknown, requestId: string, during: string): OperationError {
  if (error instanceof AppError) {
    const { code, message, hint, fields, details, retryAfterMs } = error;
    if (code === "internal") log.unexpected("An operation failed", error, { requestId, during });
    const retry = retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
    const more = { ...(hint && { hint }), ...(fields && { fields }), ...(details && { details }) };
    return { code, message, ...more, ...retry, requestId };
  }
  if (error instanceof StorageUnavailable) {
    const { message, hint, details } = error;
    log.warn(message, { during, details });
    return { code: "unavailable", message, hint, ...(details && { details }), requestId };
  }
  if (isRace(error)) {
    log.unexpected("Two requests met", error, { requestId, during });
    return {
      code: "conflict",
      message: "Another request has just made, changed or removed the same thing, so this one was not carried out.",
      hint: "Reload, and repeat it if it is still needed.",
      requestId,
    };
  }
  log.unexpected("An operation failed unexpectedly", error, { requestId, during });
  return {
    code: "internal",
    message: "Something went wrong inside Ichor.",
    hint: "Try again. If it stays, the server's log has the reason under the request id.",
    requestId,
  };
}
