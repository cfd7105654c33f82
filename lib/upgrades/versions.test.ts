import { describe, expect, test } from "vitest";
import { knownReleases } from "./releases";
import { compareVersions } from "./release-order";
import { flowOf, kubernetesFits, planHops } from "./versions";

describe("planHops", () => {
  test.each([
    ["v1.13.4", "v1.13.9", ["v1.13.9"]],
    ["v1.13.4", "v1.14.0", ["v1.14.0"]],
    ["v1.12.3", "v1.14.0", ["v1.13.9", "v1.14.0"]],
    ["v1.9.0", "v1.12.1", ["v1.10.9", "v1.11.6", "v1.12.1"]],
    ["v1.14.0-rc.1", "v1.14.0", ["v1.14.0"]],
  ])("%s to %s", (from, target, hops) => {
    expect(planHops(from, target, knownReleases)).toEqual({ ok: true, hops });
  });

  test("never goes back, nor over a minor of which no release is known", () => {
    expect(planHops("v1.14.0", "v1.13.9", knownReleases)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/going back/),
    });
    expect(planHops("v1.12.0", "v1.14.0", ["v1.14.0"])).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/1\.13/),
    });
    expect(planHops("v1.12.0", "v2.0.0", knownReleases)).toMatchObject({ ok: false });
  });

  test("every way leads up one minor at a time", () => {
    for (const from of knownReleases) {
      for (const target of ["v1.14.0", "v1.13.2"]) {
        const path = planHops(from, target, knownReleases);
        if (!path.ok) continue;
        const minors = [from, ...path.hops].map((tag) => Number(tag.split(".")[1]));
        for (const [index, minor] of minors.entries())
          if (index > 0) expect(minor - (minors[index - 1] ?? 0)).toBeLessThanOrEqual(1);
        expect(path.hops.at(-1)).toBe(target);
        expect([...path.hops].sort(compareVersions)).toEqual(path.hops);
      }
    }
  });
});

test.each([
  ["v1.35.2", "v1.12.4", true],
  ["v1.36.0", "v1.12.4", false],
  ["v1.36.0", "v1.13.0", true],
  ["v1.37.0", "v1.14.0", true],
  ["v1.31.9", "v1.14.0", false],
  ["v1.38.0", "v1.14.0", false],
])("Kubernetes %s on Talos %s: %s", (kubernetes, talos, fits) => {
  expect(kubernetesFits(kubernetes, talos).ok).toBe(fits);
});

test("the flow turns with 1.13", () => {
  expect([flowOf("v1.12.11"), flowOf("v1.13.0"), flowOf("v1.14.0-rc.1")]).toEqual(["legacy", "lifecycle", "lifecycle"]);
  // The bound is talosctl's own.
  expect(flowOf("v1.13.0-alpha.2")).toBe("legacy");
});
