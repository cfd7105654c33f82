import fs from "node:fs";

/** The counts of a tool's JSON report; a tool that failed without saying what counts as one failure. */
export function spawnedCounts(code, report, read) {
  const counts = fs.existsSync(report)
    ? read(JSON.parse(fs.readFileSync(report, "utf8")))
    : { passed: 0, failed: 0, skipped: 0 };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.passed + counts.failed === 0) counts.failed = 1;
  return counts;
}
