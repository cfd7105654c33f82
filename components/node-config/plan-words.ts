import type { InputOf, OutputOf } from "@/lib/api/operations";

export type ShownPlan = OutputOf<"node.preview-config">;
export type NodeAnswer = Pick<OutputOf<"node.dry-run-config">, "mode" | "details" | "warnings">;
export type AskedMode = NonNullable<InputOf<"node.apply-config">["mode"]>;
export type Proof = OutputOf<"node.apply-config">["proof"];

type ModeWords = { label: string; consequence: string };

/** What each way to apply a config means. `auto` differs by release: from Talos 1.14 it never reboots. */
export const modeWords: Record<AskedMode, ModeWords> = {
  auto: {
    label: "Now",
    consequence: "The node takes the config at once. Before Talos 1.14 it reboots by itself if a field needs that.",
  },
  "no-reboot": {
    label: "Now, never reboot",
    consequence: "The node takes the config at once, or refuses it if a field needs a reboot.",
  },
  staged: {
    label: "At the next boot",
    consequence: "The node keeps the config aside and takes it at its next boot. Nothing changes until then.",
  },
  try: {
    label: "Try, then revert",
    consequence: "The node takes the config at once and goes back to the old one after the time you choose.",
  },
};

/** What the node did or would do, by its own answer. */
export const effectiveWords: Record<NodeAnswer["mode"], { done: string; would: string }> = {
  auto: { done: "It took the config.", would: "It would take the config." },
  "no-reboot": { done: "It took the config without a reboot.", would: "It would take the config without a reboot." },
  staged: { done: "It takes the config at its next boot.", would: "It would take the config at its next boot." },
  try: { done: "It took the config for a while.", would: "It would take the config for a while." },
  reboot: { done: "It took the config and reboots.", would: "It would reboot to take the config." },
};

export const proofWords: Record<Proof, string> = {
  proven: "Read back from the node: it runs exactly this config.",
  "after-reboot": "It can be read back after the node has booted.",
  temporary: "Read back from the node: it runs this config until it reverts by itself.",
  unknown: "It could not be read back yet, so it is not known whether the node runs it.",
};

/** How long a tried config stays. */
export const tryTimes = [
  { value: "60000", label: "1 minute" },
  { value: "300000", label: "5 minutes" },
  { value: "1800000", label: "30 minutes" },
] as const;

/** The two sides of a diff as texts, with the lines around each change only. */
export const diffTexts = (diff: ShownPlan["diff"]): { before: string; after: string } => {
  const side = (other: "add" | "remove") =>
    diff
      .filter(({ kind }) => kind !== other)
      .map(({ text }) => text)
      .join("\n");
  return { before: side("add"), after: side("remove") };
};

/** Why this plan may not be applied; null when it may. */
export function planRefusal(plan: ShownPlan): string | null {
  const errors = plan.issues.filter(({ severity }) => severity === "error").length;
  if (errors > 0) return `Talos would not take this config: ${errors === 1 ? "one error" : `${errors} errors`}.`;
  return plan.changed ? null : "Nothing would change.";
}
