import "./check-node.mjs";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { main, Plain } from "./console-error.mjs";
import { areas } from "./mutation/areas.mjs";
import { optionsOf } from "./mutation/options.mjs";
import { report } from "./mutation/report.mjs";
import { root } from "./root.mjs";
import { homeDir } from "./settings.mjs";
import { setUp } from "./setup.mjs";

const usage = `Usage: npm run mutate [-- options] [area…]
  Puts faults into the code, one at a time, and tells which of them no test notices. Without areas: all of them.
  --fresh       judges every mutant anew, rather than only those that a change can have touched
  --sample      the areas that continuous integration judges, anew
  --only FILE   only this file of the areas, a glob; may be given more than once
  --workers N   so many at once; 2 unless told
Areas: ${Object.keys(areas).join(", ")}
`;
const sample = ["plan-hash", "roles", "fence"];

/** What earlier runs found, outside the repository: no checkout gets dirty by it, and no clean-up loses it. */
const cacheDir = () =>
  path.join(process.env.XDG_CACHE_HOME?.trim() || path.join(homeDir() ?? os.tmpdir(), ".cache"), "ichor-mutation");

function read(args) {
  const wanted = { names: [], only: [], fresh: false, workers: 2, help: false };
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at];
    if (arg === "--help") wanted.help = true;
    else if (arg === "--fresh") wanted.fresh = true;
    else if (arg === "--sample") {
      wanted.names.push(...sample);
      wanted.fresh = true;
    } else if (arg === "--only") wanted.only.push(args[(at += 1)]);
    else if (arg === "--workers") wanted.workers = Number(args[(at += 1)]);
    else if (Object.hasOwn(areas, arg)) wanted.names.push(arg);
    else throw new Plain(`There is no area or option ${arg}.\n\n${usage}`);
  }
  if (!Number.isInteger(wanted.workers) || wanted.workers < 1)
    throw new Plain("--workers must be a whole number from 1.");
  return { ...wanted, names: wanted.names.length > 0 ? wanted.names : Object.keys(areas) };
}

/** Test databases that wait for no disk: tests write each row through, as the server does, some thousand times in a run. */
function keepInMemory() {
  const memory = "/dev/shm";
  if (process.platform === "linux" && fs.existsSync(memory))
    process.env.TMPDIR = fs.mkdtempSync(`${memory}/ichor-mutation-`);
  const dir = process.env.TMPDIR;
  if (dir?.startsWith(memory)) process.on("exit", () => fs.rmSync(dir, { recursive: true, force: true }));
}

/**
 * Of what an earlier run kept, only the noticed ones are believed: a mutant that survived is judged again, since a test that is new may
 * notice it. Stryker would keep it where it cannot tell which tests run a line, as for a table that is made while a module loads.
 */
function forgetSurvivors(file) {
  if (!fs.existsSync(file)) return;
  const kept = JSON.parse(fs.readFileSync(file, "utf8"));
  const known = new Set(["Killed", "Timeout", "Ignored"]);
  for (const source of Object.values(kept.files))
    source.mutants = source.mutants.filter(({ status }) => known.has(status));
  fs.writeFileSync(file, JSON.stringify(kept));
}

async function run() {
  const wanted = read(process.argv.slice(2));
  if (wanted.help) return console.log(usage);
  await setUp();
  process.chdir(root);
  keepInMemory();
  const { Stryker } = await import("@stryker-mutator/core");
  fs.mkdirSync(cacheDir(), { recursive: true });
  const failed = [];
  for (const name of wanted.names) {
    const began = Date.now();
    const kept = path.join(cacheDir(), `${name}.json`);
    // Stryker's own way of beginning anew keeps what it knew of files that are in the area no more.
    if (wanted.fresh) fs.rmSync(kept, { force: true });
    forgetSurvivors(kept);
    const mutants = await new Stryker(
      optionsOf(name, areas[name], { ...wanted, cacheDir: cacheDir() }),
    ).runMutationTest();
    if (!report(name, areas[name].critical === true, mutants, (Date.now() - began) / 1000)) failed.push(name);
  }
  if (failed.length > 0) throw new Plain(`Tests are missing in: ${failed.join(", ")}.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(run);
