import semver from "semver";
import { expect, test } from "vitest";
import { compareVersions, isPreRelease, isStable } from "./release-order";

test("the order is that of semantic versions, for every pair", () => {
  const tags = [
    "v1.9.6",
    "v1.13.4",
    "v1.13.10",
    "v1.14.0",
    "v1.14.0-alpha.0",
    "v1.14.0-alpha.10",
    "v1.14.0-alpha.2",
  ].concat([
    "v1.14.0-beta.0",
    "v1.14.0-rc.0",
    "v1.14.0-rc.1",
    "v1.14.0-rc",
    "v1.14.0-1",
    "v1.14.0-rc.1.x",
    "v1.14.0-rc-1",
    "v2.0.0",
  ]);
  for (const a of tags) {
    expect(isPreRelease(a)).toBe(semver.prerelease(a) !== null);
    for (const b of tags) expect(compareVersions(a, b), `${a} ${b}`).toBe(semver.compare(a, b));
  }
});

test.each([
  ["v1.14.0", true],
  ["v1.14.0-rc.1", false],
  ["v2.0.0", false],
  ["latest", false],
])("%s is stable: %s", (tag, stable) => {
  expect(isStable(tag)).toBe(stable);
});
