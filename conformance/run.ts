import path from "node:path";
import { parseArgs } from "node:util";
import { writeFieldTable } from "./field-table";
import { measureFiles } from "./files/measure";
import { startJudge } from "./judge";
import { kindsOf, type Release, releases } from "./kinds-of";
import { runClient } from "./run-client";
import type { CheckResult } from "./with-peer/checks";
import { runPeerClient } from "./with-peer/client";
import { runPeerConsole } from "./with-peer/console";
import { runPeerProduct } from "./with-peer/product";

/** One thing that was judged, and by what. */
type Row = { name: string; by: string; cases: number; disagreements: number; seconds: number };
type Asked = { bin: string; seed: number; long: boolean; only: string; writeFields: boolean; files: string | null };

const say = (line: string) => console.log(line);
const newest = `Talos ${releases[0]}`;

async function timed(name: string, by: string, run: () => Promise<Omit<Row, "name" | "by" | "seconds">>): Promise<Row> {
  const startedMs = performance.now();
  const { cases, disagreements } = await run();
  const row = { name, by, cases, disagreements, seconds: (performance.now() - startedMs) / 1000 };
  say(line(row));
  return row;
}

const line = ({ name, by, cases, disagreements, seconds }: Row): string =>
  `${name.padEnd(18)} ${by.padEnd(12)} ${String(cases).padStart(7)} cases ${String(disagreements).padStart(4)} disagree ${seconds.toFixed(1).padStart(6)} s`;

async function judgeBy(release: Release, { bin, seed, long, only }: Asked): Promise<Row[]> {
  const kinds = kindsOf(release).filter(({ name }) => name.includes(only));
  if (kinds.length === 0) return [];
  const judge = startJudge(path.join(bin, `judge-${release}`), release);
  const rows: Row[] = [];
  try {
    for (const { name, run } of kinds)
      rows.push(await timed(name, `Talos ${release}`, () => run({ judge, seed, long, say })));
  } finally {
    await judge.close();
  }
  return rows;
}

/** Programs of the Go module as the other end of a connection: whose, and what runs them. */
const ends: Record<string, { program: string; run: (binary: string, tell: typeof say) => Promise<CheckResult> }> = {
  "client, simulator": { program: "client", run: runClient },
  "our client, peer": { program: "peer", run: runPeerClient },
  "product, peer": { program: "peer", run: runPeerProduct },
  "console, peer": { program: "peer", run: runPeerConsole },
};

async function meetEnds({ bin, only }: Asked): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, { program, run }] of Object.entries(ends)) {
    if (!name.includes(only)) continue;
    const check = async () => {
      const { checks, failures } = await run(path.join(bin, program), say);
      return { cases: checks, disagreements: failures.length };
    };
    rows.push(await timed(name, newest, check));
  }
  return rows;
}

function asked(): Asked {
  const { values } = parseArgs({
    options: {
      bin: { type: "string" },
      seed: { type: "string" },
      long: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      "write-fields": { type: "boolean", default: false },
      files: { type: "string" },
    },
  });
  if (!values.bin) throw new Error("--bin is missing: start this with npm run conformance.");
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isInteger(seed)) throw new Error("--seed must be a whole number.");
  return {
    bin: values.bin,
    seed,
    long: values.long,
    only: values.only,
    writeFields: values["write-fields"],
    files: values.files ?? null,
  };
}

/** Writes the tables of config fields anew, after the libraries were changed. */
async function writeFields(bin: string): Promise<void> {
  for (const release of releases) {
    const judge = startJudge(path.join(bin, `judge-${release}`), release);
    say(`wrote ${await writeFieldTable(judge)}`);
    await judge.close();
  }
}

/** Real files, put onto a generated config: what Talos and Ichor say of each. */
async function measure(bin: string, folder: string): Promise<void> {
  for (const release of releases) {
    const judge = startJudge(path.join(bin, `judge-${release}`), release);
    const { files, valid, refused, falselyRefused, unfilled, caught, samePlace } = await measureFiles(
      judge,
      folder,
      say,
    );
    await judge.close();
    say(
      `Talos ${release}: ${files} files, ${valid} valid (${falselyRefused} falsely refused, ${unfilled} not filled in), ${refused} refused (${caught} caught, ${samePlace} at the same place)`,
    );
  }
}

/**
 * Judges Ichor by the libraries that Talos is built from. `npm run conformance` builds them first and starts this with `--bin DIR`; `--seed N`
 * repeats a run, `--long` takes twenty times as many cases, `--only TEXT` some kinds; `--write-fields` judges nothing and writes the tables of
 * config fields, `--files DIR` judges the real files of a folder. Ends with 1 where anything disagrees.
 */
async function main(): Promise<void> {
  const options = asked();
  if (options.writeFields) return writeFields(options.bin);
  if (options.files !== null) return measure(options.bin, options.files);
  say(`seed ${options.seed}`);
  const rows: Row[] = [];
  for (const release of releases) rows.push(...(await judgeBy(release, options)));
  rows.push(...(await meetEnds(options)));
  if (rows.length === 0) throw new Error(`There is nothing called "${options.only}".`);
  const cases = rows.reduce((sum, row) => sum + row.cases, 0);
  const disagreements = rows.reduce((sum, row) => sum + row.disagreements, 0);
  say(`${cases} cases, ${disagreements} disagree (seed ${options.seed})`);
  if (disagreements > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
