import { expect, test } from "vitest";
import { firstChoice } from "./bulk-choice";

const suggested = (profileId: string) => ({ suggestion: { profileId, profileIds: [profileId], reason: "fits" } });

test("a profile for many starts from what most of them need", () => {
  expect(firstChoice([suggested("amd"), suggested("intel-xe"), suggested("intel-xe")], [])).toBe("intel-xe");
  expect(firstChoice([{ suggestion: null }], [{ id: "amd" }])).toBe("amd");
  expect(firstChoice([], [])).toBe("");
});
