import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import type { CheckResult } from "./checks";

const root = path.dirname(path.dirname(import.meta.dirname));
const outcome = z.object({
  fullName: z.string(),
  status: z.string(),
  failureMessages: z.array(z.string()),
});
const report = z.object({
  testResults: z.array(z.object({ name: z.string(), message: z.string(), assertionResults: z.array(outcome) })),
});
/** An assertion's message begins with what was wrong; a stack and coloured differences follow. */
const firstLines = (text: string): string => text.split("\n").slice(0, 3).join(" ").trim();

function resultOf({ testResults }: z.infer<typeof report>): CheckResult {
  const failures = testResults.flatMap(({ name, message, assertionResults }) => [
    // A file that could not even be set up has a message of its own.
    ...(message ? [{ check: path.basename(name), why: firstLines(message) }] : []),
    ...assertionResults
      .filter(({ status }) => status !== "passed" && !(message && status === "skipped"))
      .map(({ fullName, status, failureMessages }) => ({
        check: fullName,
        why: firstLines(failureMessages[0] ?? status),
      })),
  ]);
  return { checks: testResults.flatMap(({ assertionResults }) => assertionResults).length, failures };
}

/**
 * The whole product against peers of the built program `binary`: watcher, operations and upgrades with a database of their own, as
 * the tests in `*.conformance.ts`, which Vitest runs in a process of its own. `say` gets a line for each that fails.
 */
export async function runPeerProduct(binary: string, say: (line: string) => void): Promise<CheckResult> {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), "ichor-peer-"));
  try {
    const file = path.join(dir, "report.json");
    const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
    const config = path.join(root, "conformance/vitest.config.ts");
    const child = spawn(
      process.execPath,
      [vitest, "run", "--config", config, "--reporter=json", `--outputFile=${file}`],
      { cwd: root, env: { ...process.env, ICHOR_PEER: path.resolve(binary) }, stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-4_000)));
    await once(child, "close");
    const written = await fs.readFile(file, "utf8").catch(() => null);
    if (written === null) throw new Error(`The tests of the product could not be run.\n${output}`);
    const result = resultOf(report.parse(JSON.parse(written)));
    if (result.checks === 0 && result.failures.length === 0) throw new Error(`No test was run.\n${output}`);
    for (const { check, why } of result.failures) say(`${check}: ${why}`);
    return result;
  } finally {
    await fs.rm(dir, { recursive: true, force: true });
  }
}
