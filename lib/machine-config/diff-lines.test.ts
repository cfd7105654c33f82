import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { diffMachineConfigs, summariseDiff } from "@/lib/machine-config/diff";
import { gapText, lineDiff } from "@/lib/machine-config/diff-lines";

const texts = (lines: ReturnType<typeof lineDiff>, kind: string) =>
  lines.filter((line) => line.kind === kind).map(({ text }) => text);

describe("many changed lines", () => {
  const config = (value: (index: number) => string) =>
    `head: 1\nlist:\n${Array.from({ length: 60_000 }, (_, index) => `- ${value(index)}`).join("\n")}\ntail: 1\n`;

  test("are one block, in time proportional to the text", () => {
    const lines = lineDiff(
      config((index) => `a${index}`),
      config((index) => `b${index}`),
    );
    expect(texts(lines, "remove")).toHaveLength(60_000);
    expect(texts(lines, "add")).toHaveLength(60_000);
    expect(texts(lines, "context")).toEqual(["head: 1", "list:", "tail: 1"]);
  });

  test("have three lines of context", () => {
    const long = (value: string) => `${"x\n".repeat(10)}${config((index) => value + index)}`;
    expect(texts(lineDiff(long("a"), long("b")), "context")).toEqual([gapText, "x", "head: 1", "list:", "tail: 1"]);
  });
});

test.each([
  [
    "machine: {kubelet: {extraConfig: {a: {b: 9007199254740993}}}}",
    "machine: {kubelet: {extraConfig: {a: {b: 9007199254740995}}}}",
    "Sets machine.kubelet.extraConfig.a.b to 9007199254740995.",
  ],
  [
    "machine: {kubelet: {extraConfig: {a: .inf}}}",
    "machine: {kubelet: {extraConfig: {a: -.inf}}}",
    "Sets machine.kubelet.extraConfig.a to -Infinity.",
  ],
  ["machine: {nodeLabels: {a: 1.1}}", "machine: {nodeLabels: {a: 1.10}}", "Sets machine.nodeLabels.a to 1.10."],
  [
    "machine: {kubelet: {extraConfig: {a: 1}}}",
    "machine: {kubelet: {extraConfig: {a: 2024-01-02}}}",
    "Sets machine.kubelet.extraConfig.a to 2024-01-02T00:00:00Z.",
  ],
])("%s", (before, after, sentence) => {
  expect(summariseDiff(before, after)).toEqual([sentence]);
  expect(diffMachineConfigs(before, after).filter(({ kind }) => kind !== "context")).toHaveLength(2);
  expect(summariseDiff(after, after)).toEqual([]);
});

test("any two texts are compared or refused", () => {
  const value = fc.constantFrom(
    "1e400",
    "99999999999999999999999999",
    "9007199254740993",
    ".nan",
    "!!binary gIE=",
    "*a",
    "{b: 9007199254740993}",
    "[~, 1]",
    "0x10",
    "{1: x}",
    "~",
    "{<<: 1}",
  );
  const config = fc
    .tuple(value, value)
    .map(([one, other]) => `machine: {kubelet: {extraConfig: {a: ${one}, c: [${other}]}}, token: ${one}}`);
  fc.assert(
    fc.property(config, config, (before, after) => {
      try {
        diffMachineConfigs(before, after);
        summariseDiff(before, after);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
  );
});
