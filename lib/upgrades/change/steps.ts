import type { NodeView } from "@/lib/inventory/schema";
import type { UpgradePlan } from "../schema";
import type { ChangeStep, ChangeStepState } from "./schema";

/** Whether the node's config holds what is recorded for it. */
export type ConfigStand =
  | { state: "same" | "differs" | "unread" }
  /** The preview was refused, or Talos would refuse the result. */
  | { state: "refused"; reason: string };

export type ChangeFacts = {
  node: Pick<
    NodeView,
    "gpus" | "proofs" | "intent" | "suggestion" | "assignment" | "runId" | "runningSchematicId" | "clusterId"
  >;
  config: ConfigStand;
  /** The upgrade as it would be planned now; null where it was not planned. */
  plan: Pick<UpgradePlan, "nodes" | "skipped" | "checks" | "refused"> | null;
};

type Found = { state: Exclude<ChangeStepState, "later" | "current"> | "due"; sentence: string };

function profile({ node }: ChangeFacts): Found {
  const { gpus, intent, assignment, suggestion, proofs } = node;
  if (gpus.length === 0) return { state: "not-needed", sentence: "No GPU was seen on this node." };
  if (assignment.length > 0)
    return {
      state: "due",
      sentence:
        intent.profileNames.length === 0
          ? "No profile is recorded for its cards."
          : `${intent.profileNames.join(" and ")} does not drive all of its cards.`,
    };
  if (intent.profileNames.length > 0)
    return { state: "done", sentence: `${intent.profileNames.join(" and ")} is recorded.` };
  if (proofs.some(({ state }) => state === "no-profile") && suggestion === null) {
    const why = proofs.find(({ state }) => state === "no-profile")?.why;
    return { state: "refused", sentence: why ?? "There is no profile for its cards." };
  }
  return { state: "not-needed", sentence: "Its driver is part of the image; no profile is recorded." };
}

function config({ node, config: stand }: ChangeFacts): Found {
  if (node.intent.profileIds.length === 0 && node.intent.installImage === null)
    return { state: "not-needed", sentence: "Nothing is recorded that its config would have to say." };
  switch (stand.state) {
    case "same":
      return { state: "done", sentence: "The node's config holds what is recorded." };
    case "differs":
      return { state: "due", sentence: "The node's config does not hold all that is recorded." };
    case "refused":
      return { state: "refused", sentence: stand.reason };
    case "unread":
      return { state: "unknown", sentence: "The node's config was not read." };
  }
}

function upgrade({ node, plan }: ChangeFacts): Found {
  const { intent, runningSchematicId } = node;
  if (node.runId !== null) return { state: "working", sentence: "An upgrade run is at work on this node." };
  const planned = plan?.nodes[0];
  if (intent.schematicId === null) return { state: "not-needed", sentence: "No other image is recorded for it." };
  if (runningSchematicId === intent.schematicId && !planned)
    return { state: "done", sentence: "It runs the image of its recorded schematic." };
  if (!plan) return { state: "unknown", sentence: "The upgrade could not be planned yet." };
  const refusal = [...plan.checks, ...(planned?.checks ?? [])].find(({ state }) => state === "refused");
  if (refusal) return { state: "refused", sentence: refusal.detail };
  if (!planned) return { state: "refused", sentence: plan.skipped[0]?.reason ?? "Nothing is planned for it." };
  const again =
    planned.repairs.length > 0 ? `Its image is installed again, to bring back ${planned.repairs.join(", ")}: ` : "";
  return { state: "due", sentence: again ? `${again}one install and a reboot.` : "It takes one install and a reboot." };
}

function proof({ node }: ChangeFacts): Found {
  const { proofs, gpus } = node;
  if (gpus.length === 0) return { state: "not-needed", sentence: "It has no GPU to prove." };
  const bad = proofs.find(({ state }) => state === "broken" || state === "no-profile");
  if (bad) return { state: "due", sentence: bad.why ?? "A GPU does not work yet." };
  if (proofs.length < gpus.length || proofs.some(({ state }) => state === "unproven"))
    return { state: "unknown", sentence: "Not every link could be read yet." };
  return { state: "done", sentence: "Every link of its GPUs' chains was read from the node and holds." };
}

/**
 * The steps from no profile to a GPU that is proven, and where a node stands among them: told from what was read and recorded alone,
 * so that any browser goes on where another one stopped. The first step that is due is the current one. Pure.
 */
export function changeSteps(facts: ChangeFacts): ChangeStep[] {
  const found = [
    ["profile", profile(facts)],
    ["config", config(facts)],
    ["upgrade", upgrade(facts)],
    ["proof", proof(facts)],
  ] as const;
  let open = true;
  const [[, first]] = found;
  return found.map(([id, { state, sentence }]) => {
    // Another profile brings another config and another image: that both fit what is recorded now says nothing.
    if (first.state === "due" && (id === "config" || id === "upgrade") && state !== "working")
      return { id, sentence: "It follows from the profile.", state: "later" as const };
    // What an earlier step will change is not judged before it: a plan without its config is refused for that alone.
    const waits = !open && state !== "done" && state !== "not-needed" && state !== "working";
    if (state !== "done" && state !== "not-needed" && state !== "unknown") open = false;
    return { id, sentence, state: waits ? "later" : state === "due" ? "current" : state };
  });
}
