import "server-only";
import { recordDenied } from "@/lib/audit/record";
import { type Actor, type Ctx, proveRole } from "@/lib/auth/ctx";
import { requireFreshProof, type Sensitivity } from "@/lib/auth/proof";
import type { Grants, Role } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import type { OperationTarget } from "./define-operation";

/** What a download asks of those who want it. Its name is the action in the audit log. */
export type DownloadDoor<R extends Role> = { name: string; role: R; sensitive?: Sensitivity };

/**
 * Lets somebody in to a download: the role, then a fresh proof where it is sensitive. A refusal is recorded.
 * @throws AppError `forbidden`, `proof-needed`.
 */
export async function admitTo<R extends Role>(
  { name: action, role, sensitive }: DownloadDoor<R>,
  actor: Actor,
  requestId: string,
  target: OperationTarget | null = null,
): Promise<Ctx<Grants[R]>> {
  try {
    const ctx = proveRole(actor, role, requestId, action);
    if (sensitive) requireFreshProof(actor, sensitive, Date.now());
    return ctx;
  } catch (error) {
    const errorCode = error instanceof AppError ? error.code : "internal";
    await recordDenied({ actor, requestId }, { action, target, errorCode }).catch(
      // A refusal stands also where it cannot be written down.
      (cause: unknown) => log.unexpected("A refused attempt could not be recorded", cause, { operation: action }),
    );
    throw error;
  }
}
