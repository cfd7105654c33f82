import { defineTask } from "@/lib/core/off-thread/task";
import { summariseDiff } from "@/lib/machine-config/diff";
import { talosContext } from "@/lib/talos/talosconfig";
import { planBlindly } from "./config-blind";
import { type ConfigPlan, planConfig, shownPlan } from "./config-plan";

/** UTF-16 units. YAML of that length takes 30 ms at the worst; a thread takes 200 ms and 40 MB until it has begun. */
const smallText = 8 * 1024;

/** `talosContext`: one context of a talosconfig. Those of most clusters have 3 KiB. */
export const readContext = defineTask(
  "talosconfig.read",
  (given: { text: string; name: string | undefined }) => talosContext(given.text, given.name),
  ({ text }) => text.length <= smallText,
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
