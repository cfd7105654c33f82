import { describe, expect, test } from "vitest";
import { celProblem } from "@/lib/machine-config/check/cel";

describe("expressions that select disks", () => {
  test.each([
    'disk.transport == "nvme"',
    "disk.size > 100u * GB && !system_disk",
    'glob("Samsung*", disk.model) || disk.serial in ["a", "b"]',
    '"/dev/disk/by-id/x" in disk.symlinks',
    "disk.symlinks.exists(s, s.startsWith('/dev/disk/by-path'))",
    "has(disk.serial) ? disk.rotational : false",
    "size(disk.model) > 3 && disk.model.matches('^S.*')",
    "int(disk.size) > 100",
    "true // all",
  ])("%s is taken", (expression) => {
    expect(celProblem(expression, { environment: "disk", type: "bool" })).toBeNull();
  });

  test.each([
    ['disk.name == "sda"', "no field disk.name"],
    ["disk.size > 100", "u"],
    ["disk.size >", "too early"],
    ["disk.size", "no yes or no"],
    ["disc.size > 1u", "knows no disc"],
    ["disk.model.size > 1", "no fields"],
    ["globs('a', disk.model)", "no function"],
    ["glob('a')", "cannot take"],
    ["!disk.model", "cannot take"],
    ["disk.model == 'a", "not closed"],
    ["disk.model = 'a'", "not expected"],
    ["(".repeat(500), "nested too deep"],
  ])("%s is refused", (expression, reason) => {
    expect(celProblem(expression, { environment: "disk", type: "bool" })).toContain(reason);
  });

  test("fields that a release does not have yet", () => {
    const older = { environment: "disk", type: "bool", isAtLeast: () => false } as const;
    expect(celProblem('disk.firmware_version == "1"', older)).toContain("1.14");
    expect(celProblem('disk.firmware_version == "1"', { ...older, isAtLeast: () => true })).toBeNull();
  });
});

test("links know their fields, and mac() takes bytes", () => {
  const link = { environment: "link", type: "bool" } as const;
  expect(celProblem('mac(link.permanent_addr) == "00:11:22:33:44:55"', link)).toBeNull();
  expect(celProblem('link.permanent_addr == "00:11:22:33:44:55"', link)).toContain("cannot take");
});
