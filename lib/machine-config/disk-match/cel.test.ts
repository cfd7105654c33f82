import { describe, expect, test } from "vitest";
import { celGlob, celMatchesDisk, type CelDisk } from "./cel";

const disk: CelDisk = {
  dev_path: "/dev/nvme0n1",
  size: 1_000_204_886_016,
  model: "WD_BLACK SN850X",
  transport: "nvme",
  rotational: false,
  readonly: false,
  cdrom: false,
  symlinks: ["/dev/disk/by-id/nvme-x"],
};

test.each([
  ['disk.dev_path == "/dev/nvme0n1"', true],
  ['disk.dev_path == "/dev/sda"', false],
  ["disk.size >= 100u * GB", true],
  ["disk.size >= 10u * TB", false],
  ["disk.size > 900u * GiB && disk.size < 1u * TiB", true],
  ["disk.size > 1000000000000u", true],
  ['glob("WD_BLACK*", disk.model)', true],
  ['glob("Samsung*", disk.model)', false],
  ["glob('*SN850?', disk.model)", false],
  ['disk.transport == "nvme" && !system_disk', true],
  ["!disk.rotational && (disk.readonly || !disk.cdrom)", true],
  ["disk.rotational || disk.cdrom", false],
  ['"/dev/disk/by-id/nvme-x" in disk.symlinks', true],
  ['disk.transport in ["sata", "nvme"]', true],
  ['disk.model.startsWith("WD") && disk.model.contains("SN") && !disk.model.endsWith("Y")', true],
  ["true", true],
  ["disk.size != 5u", true],
])("%s is %s", (expression, expected) => {
  expect(celMatchesDisk(expression, disk)).toBe(expected);
});

test.each([
  "disk.unknown == 1",
  "disk.size",
  "disk.size > ",
  'disk.model.matches("^WD.*")',
  "has(disk.model) ? true : false",
  "disk.size == 'x'",
  "disk.symlinks.exists(s, s == 'a')",
  "!".repeat(10) + "x",
  "(".repeat(500) + "true" + ")".repeat(500),
  "",
  "'\\x41' == disk.model",
])("%s is not judged", (expression) => {
  expect(celMatchesDisk(expression, disk)).toBeNull();
});

describe("glob", () => {
  test.each([
    ["*", "", true],
    ["a*c", "abc", true],
    ["a*c", "ac", true],
    ["ab*bc", "abc", false],
    ["*b*", "abc", true],
    ["abc", "abc", true],
    ["abc", "abcd", false],
  ])("%s on %s: %s", (pattern, text, expected) => {
    expect(celGlob(pattern, text)).toBe(expected);
  });
});
