import { answerOf, type TaskAnswer, type TaskOrder } from "@/lib/core/off-thread/answer";
import type { OffThreadTask } from "@/lib/core/off-thread/task";
import * as inventory from "@/lib/inventory/tasks";
import * as machineConfig from "@/lib/machine-config/tasks";
import * as schematic from "@/lib/schematic/tasks";
import * as upgrades from "@/lib/upgrades/tasks";

/** Everything that runs in a thread of its own, by name. This file is the thread's own bundle (scripts/worker-build.mjs). */
const tasks: readonly OffThreadTask<never, unknown>[] = [
  ...Object.values(inventory),
  ...Object.values(machineConfig),
  ...Object.values(schematic),
  ...Object.values(upgrades),
];
const byName = new Map(tasks.map((task) => [task.name, task]));

/** What the pool calls in the thread. */
export default function work({ name, input }: TaskOrder): TaskAnswer {
  const task = byName.get(name);
  if (!task) throw new Error(`The worker knows no task ${name}.`);
  return answerOf(() => task.run(input as never));
}
