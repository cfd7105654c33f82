import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { within } from "./console-watch";
import { limitMs } from "./judge";
import { type Row, rows, sample } from "./rows";
import { type RowResult, runRow } from "./run-row";
import { nodesOf, setStage, type Stage } from "./stage";

const usage = `Usage: npm run hostile -- [options]
  --sample        one row of each kind of peer, as continuous integration runs it
  --only WORDS    rows whose name has the words, such as "node endless" or factory
  --list          the rows

Exit code 1 where a hostile peer did harm, 2 where nothing did but not all could be measured.
`;

const nameOf = ({ of, trick }: Row): string => `${of} ${trick}`;
const valueOf = (name: string): string | null => {
  const at = process.argv.indexOf(name);
  return at < 0 ? null : (process.argv[at + 1] ?? null);
};
const chosen = (): readonly Row[] => {
  const only = valueOf("--only");
  if (only !== null) return rows.filter((row) => nameOf(row).includes(only));
  return process.argv.includes("--sample") ? sample : rows;
};

const ms = (value: number | null): string => (value === null ? "   –" : String(Math.round(value)).padStart(4));
const mib = (bytes: number): string => String(Math.round(bytes / 1024 / 1024)).padStart(4);

function line(row: Row, { seen, verdict }: RowResult): string {
  const { before, during, after, residentBefore, residentPeak, residentAfter } = seen;
  const cells = [
    nameOf(row).padEnd(26),
    `p99 ${ms(during.p99Ms)} ms (alone ${ms(before.p99Ms)} and ${ms(after.p99Ms)}), longest ${ms(during.mostMs)}`,
    `memory ${mib(residentBefore)} ${mib(residentPeak)} ${mib(residentAfter)} MiB`,
    `load ${os.loadavg()[0]?.toFixed(1)}`,
  ];
  return `${cells.join("  ")}  ${[verdict.is, ...verdict.why].join(": ")}`;
}

/** Resolves once all nodes are healthy, and some time has passed: what a start needs of memory is no measure. */
async function settle(stage: Stage, count: number): Promise<void> {
  const ready = await within(120_000, async () => {
    const nodes = await nodesOf(stage.console);
    return nodes.length >= count && nodes.every(({ reachability }) => reachability.state === "reachable") ? true : null;
  });
  if (!ready) throw new Error("the quiet nodes are not healthy within two minutes");
  await wait(5_000);
}

async function run(): Promise<number> {
  const list = chosen();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-hostile-"));
  // The first one is not judged: with it the heap takes the size that it has under any load.
  const stage = await setStage(dir, list.filter(({ of }) => of === "node").length + 3);
  const results: RowResult[] = [];
  try {
    const names = stage.fleet.nodes.map(({ name }) => name);
    await settle(stage, names.length);
    const workers = names.filter((name) => name.startsWith("w-"));
    const taken = new Set<string>();
    const next = (row: Row) => {
      const victim = row.of === "node" ? (workers.find((name) => !taken.has(name)) ?? "") : "";
      if (victim) taken.add(victim);
      return runRow(
        stage,
        row,
        victim,
        names.filter((name) => !taken.has(name)),
      );
    };
    const [warmUp] = rows;
    if (warmUp) await next(warmUp);
    console.log(`/api/health within ${limitMs} ms at p99; memory before, at most and after; load of the machine`);
    for (const row of list) {
      const result = await next(row);
      results.push(result);
      console.log(line(row, result));
    }
  } finally {
    await stage.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
  const count = (is: RowResult["verdict"]["is"]) => results.filter(({ verdict }) => verdict.is === is).length;
  const [faults, unmeasured] = [count("fault"), count("not measurable")];
  console.log(`${count("ok")} ok, ${unmeasured} not measurable, ${faults} with a fault`);
  return faults > 0 ? 1 : unmeasured > 0 ? 2 : 0;
}

if (process.argv.includes("--help")) console.log(usage);
else if (process.argv.includes("--list")) console.log(rows.map(nameOf).join("\n"));
else
  run().then(
    (code) => process.exit(code),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
