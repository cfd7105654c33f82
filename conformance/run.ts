import path from "node:path";
import { parseArgs } from "node:util";
import { startJudge } from "./judge";
import type { Tally } from "./kind";
import { kindsOf, type Release, releases } from "./kinds-of";

/** One thing that was judged, and by what. */
type Row = Tally & { name: string; by: string; seconds: number };

const say = (line: string) => console.log(line);

/** Kinds of all releases whose names hold `only`. */
async function judgeAll(
  bin: string,
  { seed, long, only }: { seed: number; long: boolean; only: string },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const release of releases) rows.push(...(await judgeBy(release, bin, { seed, long, only })));
  return rows;
}

async function judgeBy(
  release: Release,
  bin: string,
  { seed, long, only }: { seed: number; long: boolean; only: string },
): Promise<Row[]> {
  const kinds = kindsOf(release).filter(({ name }) => name.includes(only));
  if (kinds.length === 0) return [];
  const judge = startJudge(path.join(bin, `judge-${release}`), release);
  const rows: Row[] = [];
  try {
    for (const kind of kinds) {
      const startedMs = performance.now();
      const tally = await kind.run({ judge, seed, long, say });
      rows.push({ ...tally, name: kind.name, by: `Talos ${release}`, seconds: (performance.now() - startedMs) / 1000 });
    }
  } finally {
    await judge.close();
  }
  return rows;
}

const line = ({ name, by, cases, disagreements, seconds }: Row): string =>
  `${name.padEnd(16)} ${by.padEnd(12)} ${String(cases).padStart(7)} cases ${String(disagreements).padStart(4)} disagree ${seconds.toFixed(1).padStart(6)} s`;

/**
 * Judges Ichor by the libraries that Talos is built from. `npm run conformance` builds them first and starts this with `--bin DIR`; `--seed N`
 * repeats a run, `--long` takes twenty times as many cases, `--only TEXT` some kinds. Ends with 1 where anything disagrees.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      bin: { type: "string" },
      seed: { type: "string" },
      long: { type: "boolean", default: false },
      only: { type: "string", default: "" },
    },
  });
  if (!values.bin) throw new Error("--bin is missing: start this with npm run conformance.");
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isInteger(seed)) throw new Error("--seed must be a whole number.");
  say(`seed ${seed}`);
  const rows = await judgeAll(values.bin, { seed, long: values.long, only: values.only });
  if (rows.length === 0) throw new Error(`There is no kind "${values.only}".`);
  for (const row of rows) say(line(row));
  const cases = rows.reduce((sum, row) => sum + row.cases, 0);
  const disagreements = rows.reduce((sum, row) => sum + row.disagreements, 0);
  say(`${cases} cases judged, ${disagreements} disagree (seed ${seed})`);
  if (disagreements > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
