import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../root.mjs";

const plugin = (name) => path.join(root, "scripts/mutation", name);

/** The files of patterns whose last part may have `*`; a pattern after `!` takes files away. Stryker's own knows no `!` here. */
export function filesOf(patterns) {
  const matching = (pattern) => {
    const [folder, name] = [path.dirname(pattern), path.basename(pattern)];
    const whole = new RegExp(`^${name.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
    return fs.existsSync(path.join(root, folder))
      ? fs
          .readdirSync(path.join(root, folder))
          .filter((file) => whole.test(file))
          .map((file) => `${folder}/${file}`)
      : [];
  };
  const [without, within] = [
    patterns.filter((one) => one.startsWith("!")),
    patterns.filter((one) => !one.startsWith("!")),
  ];
  const away = new Set(without.flatMap((one) => matching(one.slice(1))));
  return [...new Set(within.flatMap(matching))].filter((file) => !away.has(file));
}

/**
 * The options of Stryker for one area.
 *
 * @param {string} name
 * @param {import("./areas.mjs").Area} area
 * @param {{ cacheDir: string, only: string[], workers: number }} wanted
 */
export const optionsOf = (name, { mutate, tests }, { cacheDir, only, workers }) => ({
  mutate: only.length > 0 ? only : mutate,
  testFiles: filesOf(tests),
  testRunner: "warm-vitest",
  plugins: [plugin("test-runner.mjs"), plugin("sentences.mjs")],
  ignorers: ["sentences"],
  vitest: { configFile: "vitest.config.ts", related: false },
  coverageAnalysis: "perTest",
  // A table that is made while its module loads is part of the rules: its mutants are judged by all tests of the area.
  ignoreStatic: false,
  // Nothing of the tests waits for the wall clock; the rest is for a busy machine.
  timeoutMS: 15_000,
  timeoutFactor: 3,
  concurrency: workers,
  disableTypeChecks: false,
  incremental: only.length === 0,
  incrementalFile: path.join(cacheDir, `${name}.json`),
  tempDirName: path.join(os.tmpdir(), `ichor-mutation-${process.pid}`),
  cleanTempDir: "always",
  ignorePatterns: [".next", "docs", "e2e", "bench", "conformance", "kill-matrix", "public", "test-results"],
  reporters: process.stdout.isTTY ? ["json", "progress"] : ["json"],
  jsonReporter: { fileName: path.join(cacheDir, `${name}-report.json`) },
  logLevel: "warn",
  warnings: { slow: false },
  thresholds: { high: 100, low: 85, break: null },
});
