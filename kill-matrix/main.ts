import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type CellResult, type KillPlan, runCell } from "./cell";
import { type Flow, flows } from "./six-nodes";

const usage = `Usage: npm run kill-matrix -- [options]
  --sample        two cells, as continuous integration runs it
  --every N       in each cell the console is killed at every N-th event (8); N cells per flow hold all of them
  --flow NAME     lifecycle or legacy alone
`;

const words = (plan: KillPlan): string => {
  if (plan.at === "events") return `every ${plan.every} events from ${plan.first}`;
  if (plan.at === "calls") return `at each ${plan.kind}`;
  return plan.at === "cordons" ? "at each cordon" : "never";
};

const valueOf = (name: string): string | null => {
  const at = process.argv.indexOf(name);
  return at < 0 ? null : (process.argv[at + 1] ?? null);
};

function cellsOf(sample: boolean, every: number): KillPlan[] {
  if (sample) return [{ at: "events", first: 3 + (Date.now() % 20), every: 40 }];
  return [
    ...Array.from({ length: every }, (_, index): KillPlan => ({ at: "events", first: index + 1, every })),
    { at: "calls", kind: "Pull" },
    { at: "calls", kind: "Upgrade" },
    { at: "calls", kind: "Reboot" },
    { at: "cordons" },
  ];
}

/** Runs all cells one after the other. @returns the number of those that did not end as they must */
async function run(): Promise<number> {
  const every = Number(valueOf("--every") ?? 8);
  if (!Number.isInteger(every) || every < 1) throw new Error("--every must be a whole number from 1 on.");
  const only = valueOf("--flow");
  let bad = 0;
  let kills = 0;
  for (const flow of Object.keys(flows) as Flow[]) {
    if (only !== null && only !== flow) continue;
    for (const plan of cellsOf(process.argv.includes("--sample"), every)) {
      const dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-kill-"));
      let result: CellResult;
      try {
        result = await runCell(flow, plan, dir);
      } catch (error) {
        result = { kills: 0, events: 0, found: [error instanceof Error ? error.message : String(error)] };
      } finally {
        fs.rmSync(dir, { recursive: true, force: true });
      }
      kills += result.kills;
      if (result.found.length > 0) bad += 1;
      console.log(
        `${flow.padEnd(10)} ${words(plan).padEnd(28)} ${String(result.kills).padStart(4)} kills ${String(result.events).padStart(5)} events  ${result.found.join("; ") || "ok"}`,
      );
    }
  }
  console.log(`${kills} kills, ${bad} cells with a fault`);
  return bad;
}

if (process.argv.includes("--help")) console.log(usage);
else
  run().then(
    (bad) => process.exit(bad > 0 ? 1 : 0),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
