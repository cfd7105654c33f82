import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { type Grants, type Role, roleSatisfies } from "./role";

/** Who acts. A system job names the person it acts for, and the audit log shows both. */
export type Actor =
  | { kind: "user"; id: string; name: string; role: Role }
  | { kind: "token"; id: string; name: string; role: Role; ownerId: string | null }
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

/** Ids of the account and the API token that the actor's rights hang on. */
export const principalsOf = (actor: Actor): string[] => {
  if (actor.kind === "system") return [];
  return actor.kind === "token" && actor.ownerId !== null ? [actor.id, actor.ownerId] : [actor.id];
};

/**
 * Checks that the actor holds `role` and gives the proof.
 * @throws AppError `forbidden` with a sentence that names the role needed.
 */
export function proveRole<R extends Role>(actor: Actor, role: R, requestId: string = newId("request")): Ctx<Grants[R]> {
  if (actor.kind !== "system" && !roleSatisfies(actor.role, role)) {
    throw new AppError("forbidden", `This needs the role ${role}; ${actor.name} has the role ${actor.role}.`, {
      hint: "Ask an administrator to do it, or to change your role in Settings.",
    });
  }
  return { actor, requestId } as unknown as Ctx<Grants[R]>;
}

/** The context of a background job. */
export const systemContext = (job: string, onBehalfOf: string | null = null): Ctx<Grants["admin"]> =>
  proveRole({ kind: "system", job, onBehalfOf }, "admin");
