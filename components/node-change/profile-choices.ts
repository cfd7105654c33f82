import type { NodeView } from "@/lib/inventory/schema";

export type ProfileChoice = { id: string; name: string; vendor: string };

/** The profiles that a choice begins with: what the broken cards ask for, else what is recorded, else what is suggested. */
export function firstChoice({
  assignment,
  intent,
  suggestion,
}: Pick<NodeView, "assignment" | "intent" | "suggestion">): readonly string[] {
  if (assignment.length > 0) return assignment;
  return intent.profileIds.length > 0 ? intent.profileIds : (suggestion?.profileIds ?? []);
}

/** The profiles that a node may be given: those for the vendors of its cards, and whatever is chosen already. */
export const fittingProfiles = (
  { gpus }: Pick<NodeView, "gpus">,
  profiles: readonly ProfileChoice[],
  chosen: readonly string[],
): ProfileChoice[] =>
  profiles.filter(({ id, vendor }) => chosen.includes(id) || gpus.some((gpu) => gpu.vendor === vendor));
