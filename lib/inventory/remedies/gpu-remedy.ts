import type { GpuProof, RemedyAction } from "@/lib/gpu/schema";
import type { Remedy } from "./schema";

/** What of a node decides how a broken link is mended. */
export type GpuRemedyFacts = {
  /** The upgrade run that holds the node. */
  runId: string | null;
  runningSchematicId: string | null;
  intent: { schematicId: string | null };
  /** Profiles to assign together so that every card of the node has its own; empty where none fits. */
  assignment: readonly string[];
};

type Of<K extends RemedyAction["kind"]> = Extract<RemedyAction, { kind: K }>;
type Made = (action: RemedyAction, sentence: string, facts: GpuRemedyFacts) => Remedy;

/** The image that runs is the recorded one already: it is installed once more. */
const again = ({ runningSchematicId, intent }: GpuRemedyFacts): boolean =>
  intent.schematicId !== null && runningSchematicId === intent.schematicId;

const made: Record<RemedyAction["kind"], Made> = {
  "assign-profile": (action, sentence, { assignment }) => ({
    kind: "assign-profile",
    sentence,
    profileIds: assignment.length > 0 ? [...assignment] : [(action as Of<"assign-profile">).profileId],
  }),
  upgrade: (_action, sentence, facts) => ({ kind: again(facts) ? "repair" : "upgrade", sentence }),
  repair: (_action, sentence) => ({ kind: "repair", sentence }),
  "upgrade-talos": (_action, sentence) => ({ kind: "upgrade-talos", sentence }),
  "apply-config": (_action, sentence) => ({ kind: "apply-config", sentence }),
  reboot: (_action, sentence) => ({ kind: "reboot", sentence }),
  "kernel-log": (_action, sentence) => ({ kind: "open-kernel-log", sentence }),
  services: (_action, sentence) => ({ kind: "open-services", sentence }),
  "install-add-on": (action, sentence) => ({
    kind: "install-add-on",
    sentence,
    profileId: (action as Of<"install-add-on">).profileId,
  }),
  none: (_action, sentence) => ({ kind: "by-hand", sentence }),
};

/** Steps of a node's guided change: a run that holds the node is at work on them. */
const partOfChange = new Set<Remedy["kind"]>(["assign-profile", "apply-config", "upgrade", "repair", "upgrade-talos"]);
export const isChange = ({ kind }: Pick<Remedy, "kind">): boolean => partOfChange.has(kind);

/** What mends a GPU that does not work; null where nothing is broken, or it is left alone on purpose. */
export function remedyOfProof({ remedy }: Pick<GpuProof, "remedy">, facts: GpuRemedyFacts): Remedy | null {
  if (remedy === null) return null;
  const found = made[remedy.action.kind](remedy.action, remedy.sentence, facts);
  if (facts.runId === null || !isChange(found)) return found;
  return {
    kind: "open-run",
    runId: facts.runId,
    sentence: "An upgrade holds this node: see how it goes, or decide how it goes on.",
  };
}
