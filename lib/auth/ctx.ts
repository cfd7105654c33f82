import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import type { ProofMethod } from "./proof";
import { type Grants, type Role, roleSatisfies } from "./role";

/** The session that a person acts in, and when and how they last proved who they are. */
export type SessionRef = { id: string; method: ProofMethod; lastProofAtMs: number; expiresAtMs: number };

/** Who acts. A system job names the person it acts for, and the audit log shows both. */
export type Actor =
  /** Without a session nothing has been proven lately: what is sensitive is refused. */
  | { kind: "user"; id: string; name: string; role: Role; session?: SessionRef }
  | {
      kind: "token";
      id: string;
      name: string;
      role: Role;
      ownerId: string | null;
      /** The operations and reads that it is narrowed to; null or missing = all that its role may. */
      doors?: readonly string[] | null;
      expiresAtMs?: number;
    }
  | { kind: "system"; job: string; onBehalfOf: string | null };

declare const proven: unique symbol;

/** Proof that the actor holds role `R`; minted only here. Every query and command asks for one as its first parameter. */
export type Ctx<R extends Role = "viewer"> = {
  readonly actor: Actor;
  readonly requestId: string;
  /** In parameter position, so that an admin's context fits an operator's slot and not the other way round. */
  readonly [proven]: (needed: Grants[R]) => void;
};

export const actorName = (actor: Actor): string => (actor.kind === "system" ? `system (${actor.job})` : actor.name);
export const actorRef = (actor: Actor): string =>
  actor.kind === "system" ? `system:${actor.job}` : `${actor.kind}:${actor.id}`;

/** Ids of the account and the API token or session that the actor's rights hang on. */
export const principalsOf = (actor: Actor): string[] => {
  if (actor.kind === "system") return [];
  const other = actor.kind === "token" ? actor.ownerId : actor.session?.id;
  return other ? [actor.id, other] : [actor.id];
};

/** A stream's rights are proven again after so long. */
const streamMostMs = 15 * 60_000;

/** Whose rights a stream hangs on, and how long it may last: not beyond the session or token that opened it. */
export const streamRights = (actor: Actor, nowMs: number): { owners: string[]; maxAgeMs: number } => {
  // Stryker disable next-line ConditionalExpression: a job has no end either, so that to ask it for one finds none
  const endMs = actor.kind === "user" ? actor.session?.expiresAtMs : actor.kind === "token" ? actor.expiresAtMs : null;
  return { owners: principalsOf(actor), maxAgeMs: Math.max(0, Math.min(streamMostMs, (endMs ?? Infinity) - nowMs)) };
};

/**
 * Checks that the actor holds `role` and gives the proof: the one place where rights are decided.
 * @param door the operation or read that is asked for. A token narrowed to some of them passes by no other one, and by none
 * that does not say its name.
 * @throws AppError `forbidden` with a sentence that names the role needed, or the door.
 */
export function proveRole<R extends Role>(
  actor: Actor,
  role: R,
  requestId: string = newId("request"),
  door: string | null = null,
): Ctx<Grants[R]> {
  if (actor.kind !== "system" && !roleSatisfies(actor.role, role)) {
    throw new AppError("forbidden", `This needs the role ${role}; ${actor.name} has the role ${actor.role}.`, {
      hint: "Ask an administrator to do it, or to change your role in Settings.",
    });
  }
  if (actor.kind === "token" && actor.doors && !actor.doors.some((allowed) => allowed === door)) {
    throw new AppError("forbidden", `The token ${actor.name} may not use ${door ?? "this"}.`, {
      hint: "Make a token that names it, in Settings.",
    });
  }
  return { actor, requestId } as unknown as Ctx<Grants[R]>;
}

/** The context of a background job. */
export const systemContext = (job: string, onBehalfOf: string | null = null): Ctx<Grants["admin"]> =>
  // Stryker disable next-line StringLiteral: of a job no role is asked; the type says which it has
  proveRole({ kind: "system", job, onBehalfOf }, "admin");
