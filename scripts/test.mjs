import "./check-node.mjs";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { build } from "./build.mjs";
import { main, Plain } from "./console-error.mjs";
import { hasEndToEnd, runEndToEnd } from "./e2e.mjs";
import { startNode } from "./processes.mjs";
import { root } from "./root.mjs";
import { setUp } from "./setup.mjs";
import { spawnedCounts } from "./test-counts.mjs";

const tool = (file) => path.join(root, "node_modules", file);
const once = (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });
const run = async (args) => once((await startNode(args).ended).code);

async function unit() {
  const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "ichor-test-")), "report.json");
  const { code } = await startNode([
    tool("vitest/vitest.mjs"),
    "run",
    "--reporter=dot",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]).ended;
  const counts = spawnedCounts(code, report, (json) => ({
    passed: json.numPassedTests,
    failed: json.numFailedTests,
    skipped: json.numPendingTests + json.numTodoTests,
  }));
  fs.rmSync(path.dirname(report), { recursive: true, force: true });
  return counts;
}

/** In the order in which they run; each can also be run alone (see package.json). */
const parts = {
  typecheck: () => run([tool("typescript/bin/tsc"), "--noEmit"]),
  lint: () => run([tool("eslint/bin/eslint.js"), ".", "--max-warnings", "0"]),
  format: () => run([tool("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."]),
  unit,
  build: async () => once((build(), 0)),
  e2e: async () => (hasEndToEnd() ? runEndToEnd() : { passed: 0, failed: 0, skipped: 0 }),
};

await main(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !(name in parts));
  if (unknown) throw new Plain(`There is no part "${unknown}". The parts are: ${Object.keys(parts).join(", ")}.`);
  await setUp();
  const rows = [];
  for (const [name, part] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n── ${name}`);
    const startedMs = Date.now();
    const counts = await part().catch((error) => {
      console.error(error instanceof Plain ? error.message : error);
      return { passed: 0, failed: 1, skipped: 0 };
    });
    rows.push({ name, ...counts, seconds: Math.round((Date.now() - startedMs) / 1000) });
  }
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  console.log("");
  for (const { name, passed, failed, skipped, seconds } of rows) {
    console.log(
      `${name.padEnd(10)} ${failed > 0 ? "FAILED" : "ok    "} ${String(passed).padStart(5)} passed ${failed} failed ${skipped} skipped ${seconds} s`,
    );
  }
  // Where the reference data is given, a test that skips itself for want of it hides a gap.
  const hidden = process.env.CI && process.env.ICHOR_CORPUS ? sum("skipped") : 0;
  if (hidden > 0) console.error(`${hidden} tests were skipped although the reference data is there.`);
  const failed = sum("failed") + hidden;
  console.log(`${sum("passed")} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
});
