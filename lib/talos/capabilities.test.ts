import { describe, expect, it } from "vitest";
import { capabilitiesOf, hasCapability, supportsLifecycle } from "@/lib/talos/capabilities";

describe("supportsLifecycle", () => {
  it.each([
    ["v1.9.6", false],
    ["v1.12.11", false],
    ["v1.13.0-alpha.2", false],
    ["v1.13.0-beta.0", true],
    ["v1.13.9", true],
    ["v1.14.0-rc.1", true],
    ["v2.0.0", false],
    ["nonsense", false],
  ])("%s: %s", (version, expected) => {
    expect(supportsLifecycle(version)).toBe(expected);
    expect(hasCapability(version, "imagePull")).toBe(expected);
  });
});

it("knows since when each thing exists", () => {
  const had = (version: string | null) =>
    Object.entries(capabilitiesOf(version)).flatMap(([name, has]) => (has ? [name] : []));
  expect(had(null)).toEqual([]);
  expect(had("v1.10.9")).toEqual(["cpuFrequencies", "versionResource"]);
  expect(had("v1.12.11")).toEqual([
    "cpuFrequencies",
    "versionResource",
    "kernelCmdline",
    "loadedKernelModules",
    "etcdStorageVersion",
    "forceReboot",
    "bootedEntry",
  ]);
  expect(had("v1.13.9")).not.toContain("bootId");
  expect(had("v1.14.0-rc.1")).toEqual(
    expect.arrayContaining(["bootId", "kernelModuleStatus", "imageFactorySchematic", "lifecycle"]),
  );
});
