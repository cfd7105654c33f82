import { defineTask } from "@/lib/core/off-thread/task";
import { issuesAhead } from "./facts/issues-ahead";

/** `issuesAhead`: the config of a node, judged by the rules of each release on its way. */
export const aheadTask = defineTask(
  "node-config.issues-ahead",
  (given: { config: string; running: string; platform: string | null; hops: readonly string[] }) =>
    issuesAhead(given.config, given.running, given.platform, given.hops),
);
