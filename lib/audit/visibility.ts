import type { Actor } from "@/lib/auth/ctx";
import { roleSatisfies } from "@/lib/auth/role";

/**
 * Entities of actions that are about people and what they sign in with. A test compares them with the operations of `lib/people`,
 * so that a new one cannot be forgotten.
 */
export const personalEntities = ["failures", "session", "user", "token", "factor"] as const;
const personalTargets = ["user", "token"];

/** Ids under which the actor's own doings stand in the log; of a token also its owner's. */
function ownRefs(actor: Exclude<Actor, { kind: "system" }>) {
  const ids = actor.kind === "token" && actor.ownerId !== null ? [actor.id, actor.ownerId] : [actor.id];
  return { actors: ids.flatMap((id) => [`user:${id}`, `token:${id}`]), targets: ids };
}

/**
 * Which entries an actor may read, as a filter of the database; null = all. Auditors and admins read everything. Others read what
 * was done to machines, clusters and images, and of what is about people (sign-ins, their failures, accounts, tokens) only their
 * own.
 */
export function visibleEntries(actor: Actor) {
  if (actor.kind === "system" || roleSatisfies(actor.role, "auditor")) return null;
  const { actors, targets } = ownRefs(actor);
  const aboutMachines = {
    NOT: personalEntities.map((entity) => ({ action: { startsWith: `${entity}.` } })),
    // Written out, since what is NULL in SQL is neither in a list nor not in it.
    OR: [{ targetKind: null }, { targetKind: { notIn: personalTargets } }],
  };
  return { OR: [{ actor: { in: actors } }, { targetId: { in: targets } }, aboutMachines] };
}
