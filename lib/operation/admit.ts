import "server-only";
import { recordDenied } from "@/lib/audit/record";
import { type Actor, type Ctx, proveRole } from "@/lib/auth/ctx";
import { requireFreshProof, type Sensitivity } from "@/lib/auth/proof";
import type { Grants, Role } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import type { OperationTarget } from "./define-operation";

type Asked = { actor: Actor; requestId: string; action: string; target: () => OperationTarget | null };

/** What a download asks of those who want it. Its name is the action in the audit log. */
export type DownloadDoor<R extends Role> = { name: string; role: R; sensitive?: Sensitivity };

/**
 * Makes a check that may refuse somebody, and records a refusal: what was asked for, by whom, and why not.
 * @throws what `check` throws.
 */
export async function recordingRefusal<T>({ actor, requestId, action, target }: Asked, check: () => T): Promise<T> {
  try {
    return check();
  } catch (error) {
    const errorCode = error instanceof AppError ? error.code : "internal";
    await recordDenied({ actor, requestId }, { action, target: target(), errorCode }).catch(
      // A refusal stands also where it cannot be written down.
      (cause: unknown) => log.unexpected("A refused attempt could not be recorded", cause, { operation: action }),
    );
    throw error;
  }
}

/**
 * Lets somebody in to a download: the role, then a fresh proof where it is sensitive. A refusal is recorded.
 * @throws AppError `forbidden`, `proof-needed`.
 */
export const admitTo = <R extends Role>(
  { name: action, role, sensitive }: DownloadDoor<R>,
  actor: Actor,
  requestId: string,
  target: OperationTarget | null = null,
): Promise<Ctx<Grants[R]>> =>
  recordingRefusal({ actor, requestId, action, target: () => target }, () => {
    const ctx = proveRole(actor, role, requestId, action);
    if (sensitive) requireFreshProof(actor, sensitive, Date.now());
    return ctx;
  });
