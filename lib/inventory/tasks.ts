import { defineTask } from "@/lib/core/off-thread/task";
import { summariseDiff } from "@/lib/machine-config/diff";
import { talosContext } from "@/lib/talos/talosconfig";
import { planBlindly } from "./config-blind";
import { type ConfigPlan, planConfig, shownPlan } from "./config-plan";

/** `talosContext`: one context of a talosconfig. */
export const readContext = defineTask("talosconfig.read", (given: { text: string; name: string | undefined }) =>
  talosContext(given.text, given.name),
);

/** `planConfig`: patches of a person on a config of a node. */
export const planTask = defineTask(
  "node-config.plan",
  (given: { before: string; patches: readonly string[]; talosVersion: string | null; platform: string | null }) =>
    planConfig(given.before, given.patches, given.talosVersion, given.platform),
);

/** `shownPlan`. */
export const shownTask = defineTask("node-config.show", (plan: ConfigPlan) => shownPlan(plan));

/** `summariseDiff`. */
export const summaryTask = defineTask("node-config.summary", (given: { before: string; after: string }) =>
  summariseDiff(given.before, given.after),
);

/** `planBlindly`. */
export const blindTask = defineTask(
  "node-config.plan-blindly",
  (given: { configs: Parameters<typeof planBlindly>[0]; node: Parameters<typeof planBlindly>[1] }) =>
    planBlindly(given.configs, given.node),
);
