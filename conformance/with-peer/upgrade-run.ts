import { expect, vi } from "vitest";
import { db } from "@/lib/db/client";
import type { NodeView } from "@/lib/inventory/schema";
import { as, dataOf } from "@/lib/inventory/testing-fleet";
import { planUpgradeRun, startUpgrade } from "@/lib/upgrades/operations";
import { runEvent, type RunEvent } from "@/lib/upgrades/schema";

const policy = { soakMs: 200, drainTimeoutMs: 20_000, pullStallMs: 10_000, returnTimeoutMs: 60_000 };

/** Plans and starts an upgrade as a person does, and waits for its end. */
export async function upgrade(
  node: NodeView,
  targetVersion: string | null,
  changes: Record<string, unknown> = {},
): Promise<{ state: string; reason: string; nodeState: string; events: RunEvent[] }> {
  const input = { nodeIds: [node.id], targetVersion, policy: { ...policy, ...changes } };
  // What a plan goes by may just be changing; then the new one is looked at, and started.
  const { runId } = await vi.waitFor(
    async () => {
      const plan = dataOf(await as("viewer", planUpgradeRun, input));
      const checks = [...plan.checks, ...plan.nodes.flatMap((planned) => planned.checks)];
      expect(checks.filter(({ state }) => state === "refused")).toEqual([]);
      return dataOf(await as("operator", startUpgrade, { ...input, planHash: plan.hash }));
    },
    { timeout: 10_000, interval: 100 },
  );
  const run = await vi.waitFor(
    async () => {
      const row = await db.upgradeRun.findUniqueOrThrow({ where: { id: runId }, include: { nodes: true } });
      expect(["done", "halted", "cancelled"]).toContain(row.state);
      return row;
    },
    { timeout: 80_000, interval: 100 },
  );
  const rows = await db.upgradeRunEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } });
  const events = rows.map(({ body }) => runEvent.parse(JSON.parse(body)));
  return { state: run.state, nodeState: run.nodes[0]?.state ?? "", reason: run.nodes[0]?.reason ?? "", events };
}

/** What kinds of events there were. */
export const kindsOf = (events: readonly RunEvent[]) => [...new Set(events.map(({ kind }) => kind))];

/** The checks of the last proof, and how each ended. */
export const proofOf = (events: readonly RunEvent[]) => {
  const proof = events.findLast((event) => event.kind === "proof");
  return proof?.kind === "proof" ? Object.fromEntries(proof.checks.map(({ id, state }) => [id, state])) : {};
};
