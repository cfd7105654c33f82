import { defineTask } from "@/lib/core/off-thread/task";
import { summariseDiff } from "@/lib/machine-config/diff";
import { talosContext } from "@/lib/talos/talosconfig";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { bundleFromControlplaneConfig } from "@/lib/machine-config/secrets-bundle-import";
import { clusterOptionsOf } from "./cluster-options";
import { planBlindly } from "./config-blind";
import { configHash } from "./config-hash";
import { type ConfigPlan, intentPatches, planConfig, shownPlan } from "./config-plan";
import { isSameConfig, toldConfig } from "./drift/told-config";
import type { NodeState } from "./node-state";

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

/** `toldConfig`: the configs of a node, as it tells them. */
export const toldTask = defineTask("node-config.told", toldConfig);

/** `isSameConfig`. */
export const sameTask = defineTask("node-config.same", isSameConfig);

/** `configHash`. */
export const hashTask = defineTask("node-config.hash", (config: string) => configHash(config));

/** `parseMachineConfig`, of a node's config or of one that a person has patched. */
export const documentsTask = defineTask("node-config.documents", (config: string) => parseMachineConfig(config));

/** `intentPatches`. */
export const intentTask = defineTask(
  "node-config.intent",
  (given: { config: string; state: Pick<NodeState, "facts" | "record"> }) => intentPatches(given.config, given.state),
);

/** What the config of a control plane tells of its cluster: its options and its secrets. */
export const clusterTask = defineTask("cluster-config.read", (config: string) => ({
  ...clusterOptionsOf(config),
  bundle: bundleFromControlplaneConfig(config),
}));

/** `planBlindly`. */
export const blindTask = defineTask(
  "node-config.plan-blindly",
  (given: { configs: Parameters<typeof planBlindly>[0]; node: Parameters<typeof planBlindly>[1] }) =>
    planBlindly(given.configs, given.node),
);
