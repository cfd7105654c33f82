import fs from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { startFleet } from "@/sim/fleet";
import { demoCredentials } from "../scripts/demo-credentials.mjs";
import { freePort } from "../scripts/processes.mjs";
import { type RunState, runSummary } from "@/lib/upgrades/schema";
import { ask, type Console, openConsole } from "../scripts/console-client";
import { followJournal } from "./journal";
import { Observer } from "./observer";
import { type Flow, flows, sixNodes } from "./six-nodes";

/** When the console is killed: after each `every`-th event from the `first` on, at each call of a kind, or at each cordon. */
export type KillPlan =
  | { at: "events"; first: number; every: number }
  | { at: "calls"; kind: "Upgrade" | "Reboot" | "Pull" }
  | { at: "cordons" }
  | { at: "nothing" };

export type CellResult = { kills: number; events: number; found: string[] };

const speed = 30;
/** A run that has not ended by then never will: six nodes take a minute or two, and each kill some seconds. */
const longestMs = 30 * 60_000;
const nodeViews = z.array(
  z.object({ id: z.string(), name: z.string(), ready: z.boolean(), talosVersion: z.string().nullable() }),
);
const runView = runSummary.pick({ state: true, reason: true, nodes: true, lastSeq: true });
const ended: ReadonlySet<RunState> = new Set(["done", "halted", "cancelled"]);
const auditPage = z.object({
  entries: z.array(z.object({ action: z.string() })),
  nextBeforeSeq: z.number().nullable(),
});

async function until<T>(what: string, look: () => Promise<T | null>, withinMs = 120_000): Promise<T> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > untilMs) throw new Error(`${what} did not happen within ${withinMs / 1000} s.`);
    await wait(250);
  }
}

async function audited(console: Console, actions: readonly string[]): Promise<number> {
  let count = 0;
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null;) {
    const page = auditPage.parse(await ask(console, `audit?limit=500&beforeSeq=${before}`));
    count += page.entries.filter(({ action }) => actions.includes(action)).length;
    before = page.nextBeforeSeq;
  }
  return count;
}

/** Imports the fleet and starts the upgrade of all six nodes. @returns the run's id */
async function begin(console: Console, talosconfig: string, target: string): Promise<string> {
  await ask(console, "operations/talosconfig.import", { talosconfig });
  const nodes = await until("that all nodes are ready", async () => {
    const views = nodeViews.parse(await ask(console, "nodes"));
    return views.length === 6 && views.every(({ ready, talosVersion }) => ready && talosVersion) ? views : null;
  });
  const input = {
    nodeIds: nodes.map(({ id }) => id),
    targetVersion: target,
    policy: { soakMs: 100, drainTimeoutMs: 60_000 },
  };
  const plan = z.object({ hash: z.string() }).parse(await ask(console, "operations/upgrade.plan", input));
  const started = await ask(console, "operations/upgrade.start", { ...input, planHash: plan.hash });
  return z.object({ runId: z.string() }).parse(started).runId;
}

/** Resolves at the next moment of the plan, counted from event `from` on; never for `nothing`. */
function nextMoment(
  plan: KillPlan,
  console: Console,
  observer: Observer,
  from: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (plan.at === "calls") observer.atNext(new RegExp(`${plan.kind}$`), resolve);
    if (plan.at === "cordons") signal.addEventListener("abort", observer.atNextCordon(resolve), { once: true });
    if (plan.at !== "events") return;
    followJournal(console, signal, (seq) => {
      if (seq > from && seq >= plan.first && (seq - plan.first) % plan.every === 0) resolve();
    }).catch(reject);
  });
}

/**
 * One upgrade of six nodes on a console that is killed again and again, and started again at once. Everything that it starts has
 * ended when it resolves or rejects.
 */
export async function runCell(flow: Flow, plan: KillPlan, dir: string): Promise<CellResult> {
  const target = flows[flow].to;
  const dataDir = path.join(dir, "data");
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const fleet = await startFleet({ scenario: sixNodes(flow), speed });
  const observer = new Observer(fleet);
  const port = await freePort();
  const env = {
    ICHOR_DATA_DIR: dataDir,
    ICHOR_URL: `http://127.0.0.1:${port}`,
    ICHOR_FACTORY_URL: fleet.factoryUrl,
    ICHOR_NODE_NETWORKS: "127.0.0.0/8",
  };
  const { token } = await demoCredentials(dataDir, env);
  const open = () => openConsole({ port, dataDir, token }, env);
  let console = await open();
  try {
    const runId = await begin(console, fleet.talosconfig, target);
    const look = async () => runView.parse(await ask(console, `upgrades/${runId}`));
    const endMs = performance.now() + longestMs;
    let kills = 0;
    for (let last = await look(); !ended.has(last.state);) {
      if (performance.now() > endMs) return { kills, events: last.lastSeq, found: ["the run does not end"] };
      const stop = new AbortController();
      const moment = nextMoment(plan, console, observer, last.lastSeq, stop.signal).then(() => true);
      const over = until("the end of the run", async () => (ended.has((await look()).state) ? false : null), longestMs);
      // It may be killed while it is asked.
      over.catch(() => undefined);
      const killed = await Promise.race([moment, over]);
      if (killed) {
        await console.kill();
        kills += 1;
        stop.abort();
        console = await open();
      }
      stop.abort();
      last = await look();
    }
    const run = await look();
    const found = observer.violations(target);
    if (run.state !== "done") found.push(`the run ended as ${run.state}: ${run.reason}`);
    for (const { name, state, reason } of run.nodes)
      if (state !== "done") found.push(`${name} ended as ${state}: ${reason}`);
    const said = await audited(console, ["node.install", "node.upgrade"]);
    if (said < observer.count("install")) found.push(`${observer.count("install")} installations, ${said} audited`);
    const rebootsSaid = await audited(console, ["node.reboot"]);
    if (rebootsSaid < observer.count("reboot"))
      found.push(`${observer.count("reboot")} reboots, ${rebootsSaid} audited`);
    return { kills, events: run.lastSeq, found };
  } finally {
    await console.kill();
    await fleet.stop();
  }
}
