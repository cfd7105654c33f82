import { expect, test } from "vitest";
import { backupHealth, nextBackupMs } from "./health";
import type { BackupRecord } from "./schema";

const hourMs = 3_600_000;
const made = (madeAtMs: number): NonNullable<BackupRecord["last"]> => ({
  ...{ file: "f", bytes: 1, sha256: "", madeAtMs, provedAtMs: madeAtMs, secrets: 1, key: "included" },
});
const daily = { encrypted: true, everyMs: 24 * hourMs };
const at = (hours: number) => ({ nowMs: hours * hourMs, sinceMs: 0 });

test.each([
  ["nobody to encrypt for", null, null, { ...daily, encrypted: false }, 100, "off"],
  ["switched off", null, null, { ...daily, everyMs: null }, 100, "off"],
  ["just started", null, null, daily, 1, "none-yet"],
  ["none for long", null, null, daily, 37, "overdue"],
  ["made today", 0, null, daily, 25, "well"],
  ["not made since", 0, null, daily, 37, "overdue"],
  ["failed after it", 0, 24, daily, 25, "failed"],
  ["failed before it", 26, 24, daily, 27, "well"],
  ["failed on demand", null, 24, { ...daily, everyMs: null }, 25, "failed"],
] as const)("%s", (_, lastHours, failedHours, set, hours, state) => {
  const record: BackupRecord = {
    last: lastHours === null ? null : made(lastHours * hourMs),
    failure: failedHours === null ? null : { atMs: failedHours * hourMs, sentence: "The disk is full." },
  };
  expect(backupHealth(record, set, at(hours)).state).toBe(state);
});

test("the next one comes after an interval, after a failure within the hour, and the first one at once", () => {
  expect(nextBackupMs({ last: null, failure: null }, 24 * hourMs, 5)).toBe(5);
  expect(nextBackupMs({ last: made(hourMs), failure: null }, 24 * hourMs, 0)).toBe(25 * hourMs);
  const failure = { atMs: 30 * hourMs, sentence: "" };
  expect(nextBackupMs({ last: made(hourMs), failure }, 24 * hourMs, 0)).toBe(31 * hourMs);
  expect(nextBackupMs({ last: made(hourMs), failure }, 60_000, 0)).toBe(30 * hourMs + 60_000);
});
