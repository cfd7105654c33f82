import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { driverBranch, driverVersionText } from "./driver-branches";
import { absentExtensions, extensionConflicts } from "./extension-rules";
import { firstReleaseOf, officialExtensionsOf } from "./extension-catalogue";
import { nvidiaChip, nvidiaSupportOf } from "./generation";
import { lookUpGpu } from "./pci-catalogue";
import { parseTalosRelease } from "./talos-release";

const corpus = process.env["ICHOR_CORPUS"];
const dataFile = (name: string) => readFileSync(path.join(corpus ?? "", "data", name), "utf8");

describe("the NVIDIA catalogue", () => {
  test.each([
    ["1021", "GK110", "Kepler"],
    ["13c2", "GM204", "Maxwell"],
    ["1b06", "GP102", "Pascal"],
    ["15f8", "GP100", "Pascal"],
    ["1db4", "GV100", "Volta"],
    ["1eb8", "TU104", "Turing"],
    ["2182", "TU116", "Turing"],
    ["20b0", "GA100", "Ampere"],
    ["2330", "GH100", "Hopper"],
    ["2684", "AD102", "Ada Lovelace"],
    ["2b85", "GB202", "Blackwell"],
    ["2e12", "GB10", "Blackwell"],
  ])("%s is %s, %s", (id, chip, generation) => {
    expect(nvidiaChip(id)).toEqual({ chip, generation });
  });

  test("an unknown id is judged by its place: 0x1E00 and above is Turing or newer", () => {
    expect(nvidiaSupportOf({ deviceId: "3fff", generation: null, chip: null }).open).toBe("supported");
    expect(nvidiaSupportOf({ deviceId: "1dff", generation: null, chip: null }).open).toBe("unsupported");
    expect(nvidiaChip("zzzz")).toBeNull();
  });

  test.skipIf(!corpus)("every id that NVIDIA lists for its open modules has a name and supports them", () => {
    const rows = dataFile("nvidia-open-gpus.tsv").trim().split("\n");
    expect(rows.length).toBeGreaterThan(300);
    for (const row of rows) {
      const id = (row.split("\t")[0] ?? "").toLowerCase();
      const { model, generation, chip } = lookUpGpu("10de", id);
      expect(model, id).toBeTruthy();
      expect(nvidiaSupportOf({ deviceId: id, generation, chip }).open, id).not.toBe("unsupported");
      expect(generation, id).not.toBeNull();
    }
  });
});

describe("the extension catalogue", () => {
  test.skipIf(!corpus)("agrees with the factory's lists for every release", () => {
    const facts = JSON.parse(dataFile("official-extensions.json")) as {
      releases: string[];
      extensions: Record<string, { first: string }>;
    };
    const order = new Map(facts.releases.map((release, index) => [release, index]));
    for (const [index, release] of facts.releases.entries()) {
      const expected = Object.entries(facts.extensions)
        .filter(([, { first }]) => (order.get(first) ?? Number.POSITIVE_INFINITY) <= index)
        .map(([name]) => name)
        .sort();
      expect(officialExtensionsOf(release), release).toEqual(expected);
    }
    for (const [name, { first }] of Object.entries(facts.extensions)) expect(firstReleaseOf(name)).toBe(first);
  });

  test("knows 1.9 to 1.14, and later patches of those", () => {
    expect(officialExtensionsOf("v1.8.3")).toBeNull();
    expect(officialExtensionsOf("v1.15.0")).toBeNull();
    expect(officialExtensionsOf("nonsense")).toBeNull();
    expect(officialExtensionsOf("v1.11.6")).not.toContain("siderolabs/xe");
    expect(officialExtensionsOf("v1.12.0-rc.0")).toContain("siderolabs/xe");
    expect(officialExtensionsOf("v1.14.99")).toContain("siderolabs/xe");
  });

  test("absent extensions are named with the release that has them", () => {
    expect(absentExtensions(["siderolabs/xe"], "v1.11.6")).toEqual([
      {
        rule: "extension-absent",
        message: "siderolabs/xe does not exist for Talos v1.11.6. It exists from v1.12.0 on.",
      },
    ]);
    expect(absentExtensions(["siderolabs/xe"], "v1.12.0")).toEqual([]);
    expect(absentExtensions([], "v1.99.0")[0]?.rule).toBe("unknown-release");
  });

  test("extensions of one schematic are checked against each other", () => {
    const rules = (...names: string[]) =>
      extensionConflicts(names.map((name) => `siderolabs/${name}`)).map(({ rule }) => rule);
    expect(rules("nvidia-container-toolkit-lts", "nonfree-kmod-nvidia-lts", "amdgpu")).toEqual([]);
    expect(rules("nvidia-container-toolkit-lts", "nonfree-kmod-nvidia-production")).toEqual(["different-channels"]);
    expect(rules("nvidia-open-gpu-kernel-modules-lts", "nonfree-kmod-nvidia-lts")).toEqual(["open-with-proprietary"]);
    expect(rules("nvidia-container-toolkit-lts")).toEqual(["toolkit-without-modules"]);
  });
});

test("driver branches per release", () => {
  expect(driverBranch("v1.12.4", "production")?.branch).toBe(570);
  expect(driverBranch("1.12", "lts")?.branch).toBe(580);
  expect(driverBranch("v1.15.0", "lts")).toBeNull();
  expect(driverVersionText({ branch: 1, first: "1.0", last: "1.0" })).toBe("1.0");
});

test("release texts", () => {
  expect(parseTalosRelease("v1.13.4")).toEqual({ minor: 13, patch: 4, tag: "v1.13.4" });
  expect(parseTalosRelease("1.14.0-rc.1")?.tag).toBe("v1.14.0-rc.1");
  for (const bad of ["", "2.0.0", "v1", "1.13.4 ; rm", "v1.13.4\nx", "1.9999.1"])
    expect(parseTalosRelease(bad)).toBeNull();
});
