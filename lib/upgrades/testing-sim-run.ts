import { db } from "@/lib/db/client";
import { livePorts } from "./live-ports";
import { type RunRecord, loadRun } from "./records";
import { Runner } from "./runner";
import { type RunEvent, runEvent, type UpgradePlan } from "./schema";
import { type Tuning, defaultTuning } from "./step-context";

export type PlannedRun = { record: RunRecord; events: RunEvent[]; failures: unknown[] };

/** Stores and drives the run of a plan, as `upgrade.start` does. */
export async function runPlan(plan: UpgradePlan, tuning: Partial<Tuning> = {}): Promise<PlannedRun> {
  const id = `run_${Math.random().toString(36).slice(2)}`;
  await db.upgradeRun.create({
    data: {
      ...{ id, title: "test", state: "planned", plan: JSON.stringify(plan), planHash: plan.hash },
      ...{ targetVersion: plan.targetVersion, startedById: "user:1", startedByName: "olga" },
      nodes: {
        create: plan.nodes.map(
          ({ nodeId, name, order, fromVersion, toVersion, fromSchematicId, toSchematicId, image, flow }) => ({
            ...{ id: `${id}_${order}`, nodeId, name, position: order, state: "queued", image, flow },
            ...{ fromVersion, toVersion, fromSchematicId, toSchematicId },
          }),
        ),
      },
    },
  });
  const failures: unknown[] = [];
  const ports = { ...livePorts(), report: (_message: string, error: unknown) => void failures.push(error) };
  const runner = new Runner(ports, {
    ...defaultTuning,
    pollMs: 50,
    progressMs: 20,
    proveTimeoutMs: 20_000,
    uncordonTimeoutMs: 5_000,
    ...tuning,
  });
  runner.wake(id);
  await runner.idle();
  const rows = await db.upgradeRunEvent.findMany({ where: { runId: id }, orderBy: { seq: "asc" } });
  return { record: await loadRun(id), events: rows.map(({ body }) => runEvent.parse(JSON.parse(body))), failures };
}
