import type { NodeView } from "@/lib/inventory/schema";

/** The profile that most of these nodes are suggested; the first of the list where none is. */
export function firstChoice(
  nodes: readonly Pick<NodeView, "suggestion">[],
  profiles: readonly { id: string }[],
): string {
  const votes = new Map<string, number>();
  for (const { suggestion } of nodes)
    if (suggestion?.profileId) votes.set(suggestion.profileId, (votes.get(suggestion.profileId) ?? 0) + 1);
  const [most] = [...votes].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? profiles[0]?.id ?? "";
}
