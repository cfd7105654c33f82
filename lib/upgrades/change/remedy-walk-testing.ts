import { expect, vi } from "vitest";
import { sleep } from "@/lib/core/time";
import { db } from "@/lib/db/client";
import { nodeApplyConfig, nodeReboot, gpuProfileAssign } from "@/lib/inventory/operations";
import { createFleet } from "@/lib/inventory/fleet";
import { focusNode } from "@/lib/inventory/focus";
import type { Remedy } from "@/lib/inventory/remedies/schema";
import { isChange } from "@/lib/inventory/remedies/gpu-remedy";
import type { NodeView } from "@/lib/inventory/schema";
import { as, dataOf, named } from "@/lib/inventory/testing-fleet";
import { livePorts } from "../live-ports";
import { cancelUpgrade, readChange, retryUpgrade, startUpgrade } from "../operations";
import { Runner } from "../runner";
import type { UpgradePolicy } from "../schema";
import { defaultTuning } from "../step-context";

/** Where a walk along the offered remedies ends. */
export type End = { ends: "works" } | { ends: "told"; kind: Remedy["kind"] | "halted"; sentence: string };

/** Room for a busy machine; a fault that has to run into one of them shortens it. */
export const unhurried: Partial<UpgradePolicy> = {
  soakMs: 50,
  drainTimeoutMs: 60_000,
  pullStallMs: 60_000,
  returnTimeoutMs: 30_000,
};
const wait = { timeout: 90_000, interval: 50 };

/** The runner of this process with waits that fit a fast fleet, before anybody asks for it. */
export function useFastRunner(): Runner {
  const runner = new Runner(livePorts(), {
    ...defaultTuning,
    pollMs: 50,
    progressMs: 50,
    proveTimeoutMs: 8_000,
    uncordonTimeoutMs: 5_000,
  });
  (globalThis as Record<symbol, unknown>)[Symbol.for("ichor.upgrade-runner")] = runner;
  return runner;
}

/** The clock of what is said of nodes: a boot that is held is told after minutes, which nobody waits for here. */
export const clock = { aheadMs: 0 };

/** Has the fleet of this process go by `clock`, before anybody asks for it. */
export function useOwnClock(): void {
  const made = createFleet({ now: () => Date.now() + clock.aheadMs });
  (globalThis as Record<symbol, unknown>)[Symbol.for("ichor.fleet")] = made;
}

export const works = ({ attention, proofs, gpus, ready, stage, reachability }: NodeView): boolean =>
  reachability.state === "reachable" &&
  stage === "running" &&
  ready &&
  attention.length === 0 &&
  proofs.length === gpus.length &&
  proofs.every(({ state }) => state === "working");

/**
 * How long a remedy has to stand before it is taken for what the node needs: what ends a walk longer than what goes on with it, and a
 * node that is away for as long as a busy machine takes to dial it again.
 */
function patienceMs({ attention }: NodeView): number {
  const [first] = attention;
  if (!first || first.kind === "unreachable") return 10_000;
  return isChange(first.remedy) || first.remedy.kind === "reboot" ? 1_000 : 3_000;
}

/** Has the node's slow polls made now, as for somebody who opens its page. */
const lookAgain = ({ id }: NodeView): void => focusNode(id)();

const stand = ({ reachability, stage, ready, unmetConditions, attention, proofs }: NodeView): string =>
  JSON.stringify([
    reachability.state,
    stage,
    ready,
    unmetConditions,
    attention.map(({ sentence }) => sentence),
    proofs.map(({ why }) => why),
  ]);

/** Waits until the node says something that stays: it works, or needs the same thing for a while. */
async function settled(name: string): Promise<NodeView> {
  let said = "";
  let sinceMs = Date.now();
  let turn = 0;
  for (const endMs = Date.now() + wait.timeout; ; await sleep(wait.interval)) {
    const view = named(name);
    if (works(view)) return view;
    if (turn++ % 8 === 0) lookAgain(view);
    const now = JSON.stringify(view.attention[0]?.remedy ?? null);
    // A connection that comes and goes says the same in between.
    if (now !== "null" && now !== said) [said, sinceMs] = [now, Date.now()];
    if (now !== "null" && Date.now() - sinceMs > patienceMs(view)) return view;
    // A boot is over in a second here; one that lasts is held by something.
    if (view.stage === "booting" && Date.now() - sinceMs > 4_000) clock.aheadMs = 10 * 60_000;
    if (Date.now() > endMs) throw new Error(`${name} neither works nor says what it needs: ${stand(view)}`);
  }
}

/** The newest run of a node, once nothing works on it any more. */
async function endOfRun(runner: Runner, nodeId: string) {
  await runner.idle();
  const row = await db.upgradeRunNode.findFirst({
    where: { nodeId },
    orderBy: { run: { createdAt: "desc" } },
    include: { run: true },
  });
  if (!row) throw new Error("no run was started");
  return row;
}

/** Who walks: with which runner, and how patient its runs are. */
export type Walker = { runner: Runner; policy: Partial<UpgradePolicy> };
type Step = "on" | "again" | End;
/** The node was away for a moment, or something else had changed: then people look again. */
const passing = new Set(["refused", "unavailable", "conflict"]);
const isPassing = (result: { ok: boolean; error?: { code: string } }) =>
  !result.ok && passing.has(result.error?.code ?? "");

async function upgrade(runner: Runner, nodeId: string, plan: { policy: UpgradePolicy; hash: string }): Promise<Step> {
  const input = { nodeIds: [nodeId], targetVersion: null, policy: plan.policy, planHash: plan.hash };
  const started = await as("operator", startUpgrade, input);
  if (isPassing(started)) return "again";
  dataOf(started);
  const { run, reason } = await endOfRun(runner, nodeId);
  return run.state === "halted" ? { ends: "told", kind: "halted", sentence: reason } : "on";
}

/** What the guided page offers now, done as its button does it. */
async function takeChange({ runner, policy }: Walker, view: NodeView, remedy: Remedy): Promise<Step> {
  const read = await as("operator", readChange, { nodeId: view.id, policy });
  if (isPassing(read)) return "again";
  const change = dataOf(read);
  const step = change.steps.find(({ state }) => state === "current" || state === "refused");
  if (!step || step.id === "proof")
    throw new Error(`dead end: ${remedy.kind} is offered and ${JSON.stringify(change.steps)}`);
  // Away for a moment: what was planned then says nothing of the node.
  if (step.state === "refused" && named(view.name).reachability.state !== "reachable") return "again";
  if (step.state === "refused") throw new Error(`dead end: ${step.id} is refused: ${step.sentence}`);
  switch (step.id) {
    case "profile": {
      const profileIds = remedy.kind === "assign-profile" ? remedy.profileIds : view.assignment;
      const assigned = await as("operator", gpuProfileAssign, { nodeIds: [view.id], profileIds });
      if (isPassing(assigned)) return "again";
      dataOf(assigned);
      return "on";
    }
    case "config": {
      const applied = await as("admin", nodeApplyConfig, { nodeId: view.id, hash: change.config?.hash });
      if (isPassing(applied)) return "again";
      const { proof } = dataOf(applied);
      expect(["proven", "after-reboot"]).toContain(proof);
      return "on";
    }
    case "upgrade":
      if (!change.plan) throw new Error("dead end: an upgrade without a plan");
      return upgrade(runner, view.id, change.plan);
  }
}

async function take(walker: Walker, view: NodeView, remedy: Remedy): Promise<Step> {
  if (isChange(remedy)) return takeChange(walker, view, remedy);
  if (remedy.kind !== "reboot") return { ends: "told", kind: remedy.kind, sentence: remedy.sentence };
  dataOf(await as("operator", nodeReboot, { nodeId: view.id }));
  await vi.waitFor(() => expect(named(view.name).bootId).not.toBe(view.bootId), wait);
  return "on";
}

/** Takes the first remedy that a node offers, again and again, until it works or Ichor says why it cannot go on. */
export async function walk(walker: Walker, name: string): Promise<{ end: End; taken: string[] }> {
  const taken: string[] = [];
  for (let turns = 0, tries = 0; turns < 8 && tries < 20; tries += 1) {
    const view = await settled(name);
    if (works(view)) return { end: { ends: "works" }, taken };
    const remedy = view.attention[0]?.remedy;
    if (!remedy) throw new Error(`${name} has no remedy: ${stand(view)}`);
    const step = await take(walker, view, remedy);
    if (step === "again") continue;
    taken.push(remedy.kind);
    turns += 1;
    if (step !== "on") return { end: step, taken };
  }
  throw new Error(`${name} goes in circles: ${taken.join(", ")}`);
}

/**
 * What people do once the cause is gone: try a halted run again, and where that is refused, cancel it and go on from the node; boot a
 * node again whose fault was of its boot.
 */
export async function goOn(runner: Runner, name: string): Promise<void> {
  const view = await settled(name);
  if (works(view)) return;
  const { id } = view;
  const row = await db.upgradeRunNode.findFirst({
    where: { nodeId: id },
    orderBy: { run: { createdAt: "desc" } },
    include: { run: true },
  });
  if (row?.run.state === "halted") {
    const again = await as("operator", retryUpgrade, { runId: row.runId });
    if (!again.ok) dataOf(await as("operator", cancelUpgrade, { runId: row.runId }));
    await runner.idle();
    return;
  }
  const remedy = view.attention[0]?.remedy;
  if (!remedy || isChange(remedy) || remedy.kind === "reboot") return;
  dataOf(await as("operator", nodeReboot, { nodeId: id }));
  await vi.waitFor(() => expect(named(name).bootId).not.toBe(view.bootId), wait);
}
