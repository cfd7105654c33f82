import { expect, test } from "vitest";
import { fateOf } from "./fate.mjs";

const asked = { asked: true, killed: false };
const unasked = { asked: false, killed: false };

test.each([
  ["as asked, on its own", { code: 0, signal: null }, asked, 0, null],
  ["as asked, with the signal's code", { code: 143, signal: null }, asked, 0, null],
  ["as asked, by the signal", { code: null, signal: "SIGINT" }, asked, 0, null],
  ["killed, since it would not end", { code: null, signal: "SIGKILL" }, { asked: true, killed: true }, 1, /was killed/],
  ["out of memory", { code: null, signal: "SIGKILL" }, unasked, 137, /SIGKILL.*memory/],
  ["out of memory, in V8's words", { code: 134, signal: null }, unasked, 134, /SIGABRT.*memory/],
  ["out of memory while it was asked", { code: null, signal: "SIGKILL" }, asked, 137, /SIGKILL/],
  ["a crash", { code: null, signal: "SIGSEGV" }, unasked, 139, /SIGSEGV/],
  ["a signal to the server alone", { code: 143, signal: null }, unasked, 143, /SIGTERM/],
  ["a failure", { code: 1, signal: null }, unasked, 1, /exit code 1/],
  ["a failure while it was asked", { code: 7, signal: null }, asked, 7, /exit code 7/],
  ["nobody asked", { code: 0, signal: null }, unasked, 1, /by itself/],
  ["never started", { code: null, signal: null, error: new Error("ENOENT") }, unasked, 1, /ENOENT/],
] as const)("%s", (_, end, how, exitCode, line) => {
  const fate = fateOf(end, how);
  expect(fate.exitCode).toBe(exitCode);
  if (line === null) expect(fate.line).toBeNull();
  else expect(fate.line).toMatch(line);
  expect((fate.line ?? "").split("\n")).toHaveLength(1);
});
