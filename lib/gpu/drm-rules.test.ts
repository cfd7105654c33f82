import { describe, expect, test } from "vitest";
import { drmMismatch, judgeDrmDrivers } from "./drm-rules";
import { intelCatalogue } from "./intel-catalogue";
import { gpu } from "./testing";

/** One card of every generation, with what each driver does with it by itself. */
const table: [generation: string, ids: string, i915: "binds" | "never", xe: "binds" | "argument" | "never"][] = [
  ["Gen6", "8086:0102", "binds", "never"],
  ["Gen7", "8086:0162", "binds", "never"],
  ["Gen7.5", "8086:0412", "binds", "never"],
  ["Gen8", "8086:1616", "binds", "never"],
  ["Gen9", "8086:1912", "binds", "never"],
  ["Gen11", "8086:8a52", "binds", "never"],
  ["Xe-LP", "8086:a780", "binds", "argument"],
  ["Xe-LPG", "8086:7d55", "binds", "argument"],
  ["Alchemist", "8086:56a5", "binds", "argument"],
  ["Ponte Vecchio", "8086:0bd5", "never", "argument"],
  ["Xe2-LPG", "8086:64a0", "never", "binds"],
  ["Battlemage", "8086:e20b", "never", "binds"],
  ["Xe3-LPG", "8086:b080", "never", "binds"],
];
const answers = { "driver-not-binding": "never", "driver-needs-argument": "argument" } as const;
const answer = (ids: string, driver: "i915" | "xe", args: string[] = []) => {
  const rule = drmMismatch(gpu(ids), driver, args)?.rule;
  return rule === undefined ? "binds" : answers[rule as keyof typeof answers];
};

test("every generation of the catalogue is in the table", () => {
  expect(new Set(table.map(([generation]) => generation))).toEqual(new Set(intelCatalogue.map((row) => row[2])));
});

test.each(table)("%s (%s): i915 %s, xe %s", (generation, ids, i915, xe) => {
  expect(gpu(ids).generation).toBe(generation);
  expect(answer(ids, "i915")).toBe(i915);
  expect(answer(ids, "xe")).toBe(xe);
});

describe("force_probe", () => {
  const id = "56a5";
  test.each([
    [[`xe.force_probe=${id}`], "binds"],
    [[`xe.force_probe=56a0,${id}`, `i915.force_probe=!${id}`], "binds"],
    [["xe.force_probe=*"], "binds"],
    [["xe.force_probe=56a0"], "argument"],
    [[`i915.force_probe=!${id}`], "argument"],
    [[`xe.force_probe=${id}`, "xe.force_probe="], "argument"],
    [[`xe.force_probe=!${id}`], "never"],
  ])("%j lets xe: %s", (args, expected) => {
    expect(answer(`8086:${id}`, "xe", args)).toBe(expected);
  });
  test("keeps i915 from a card, too", () => {
    expect(answer(`8086:${id}`, "i915", [`i915.force_probe=!${id}`])).toBe("never");
  });
  test("brings no driver a card that it does not know", () => {
    expect(answer("8086:e20b", "i915", ["i915.force_probe=*"])).toBe("never");
    expect(answer("8086:1912", "xe", ["xe.force_probe=*"])).toBe("never");
  });
});

describe("drivers of a node", () => {
  const judge = (drivers: ("i915" | "xe" | "amdgpu")[], ids: string[], args: string[] = []) =>
    judgeDrmDrivers(
      drivers.map((kind) => ({ kind })),
      ids.map((one, index) => gpu(one, index)),
      args,
    );

  test("the sentences name card, driver and way out", () => {
    expect(judge(["i915"], ["8086:e20b"]).refusals.map(({ message }) => message)).toEqual([
      "Arc B580 (BMG-G21) is Battlemage: i915 does not bind it, only xe does, so it needs intel-xe.",
    ]);
    expect(judge(["xe"], ["8086:56a5"]).refusals.map(({ message }) => message)).toEqual([
      "Arc A380 (DG2-128) is Alchemist: xe takes it only with the kernel arguments xe.force_probe=56a5 and i915.force_probe=!56a5; without them it needs intel-i915.",
    ]);
  });

  test("old and new cards of Intel need both drivers, and one alone leaves a card over", () => {
    const cards = ["8086:a780", "8086:e20b"];
    expect(judge(["i915", "xe"], cards)).toEqual({ refusals: [], warnings: [] });
    expect(judge(["i915"], cards).refusals).toEqual([]);
    expect(judge(["i915"], cards).warnings.join()).toContain("only xe does");
    expect(judge(["xe"], cards).warnings.join()).toContain("xe.force_probe=a780");
  });

  test("a card that is not in the catalogue is neither refused nor vouched for", () => {
    for (const [driver, ids] of [
      ["amdgpu", "1002:5046"],
      ["i915", "8086:ffff"],
      ["xe", "8086:ffff"],
    ] as const) {
      const { refusals, warnings } = judge([driver], [ids]);
      expect(refusals).toEqual([]);
      expect(warnings.join()).toContain(`not in the catalogue: whether ${driver} drives it is not known`);
    }
  });
});
