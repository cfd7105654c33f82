import { expect, test } from "vitest";
import { knownReleases } from "./releases";
import { markReleases, newestStable } from "./release-marks";

const marks = (tag: string, running: (string | null)[], releases: readonly string[] = knownReleases) =>
  markReleases(releases, running).find((release) => release.tag === tag)?.marks;

test.each<[string, (string | null)[], string[]]>([
  ["v1.14.0", [], ["newest"]],
  ["v1.14.0", ["v1.13.9"], ["newest", "next minor"]],
  ["v1.14.0", ["v1.14.0"], ["newest", "runs now"]],
  ["v1.14.0", ["v1.12.11", "v1.13.9"], ["newest", "2 minors ahead"]],
  ["v1.14.0", ["v1.12.11", "v1.14.0"], ["newest", "2 minors ahead"]],
  ["v1.13.9", ["v1.13.1"], ["patch"]],
  ["v1.13.9", ["v1.13.1", null], ["patch"]],
  ["v1.13.9", ["v1.14.0"], ["downgrade"]],
  ["v1.13.9", ["v1.14.0", "v1.13.1"], ["downgrade for some"]],
  ["v1.13.9", [null], []],
])("%s for nodes on %j: %j", (tag, running, expected) => {
  expect(marks(tag, running)).toEqual(expected);
});

test("a pre-release is never the newest, and is marked", () => {
  const releases = [...knownReleases, "v1.15.0-alpha.0", "v1.14.1-rc.0"];
  expect(newestStable(releases)).toBe("v1.14.0");
  expect(marks("v1.15.0-alpha.0", ["v1.14.0"], releases)).toEqual(["pre-release", "next minor"]);
  expect(marks("v1.14.1-rc.0", ["v1.14.0"], releases)).toEqual(["pre-release", "patch"]);
  expect(
    markReleases(releases, ["v1.14.0"])
      .map(({ tag }) => tag)
      .slice(0, 3),
  ).toEqual(["v1.15.0-alpha.0", "v1.14.1-rc.0", "v1.14.0"]);
  expect(newestStable(["v1.15.0-alpha.0"])).toBeNull();
});
