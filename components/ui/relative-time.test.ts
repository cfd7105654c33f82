import { describe, expect, it } from "vitest";
import { durationText, relativeText } from "./relative-time";

describe("relative times", () => {
  it("tell the largest unit", () => {
    expect([4_400, 59_000, 90_000, 3 * 3600_000, 26 * 3600_000, 11 * 86_400_000].map(durationText)).toEqual([
      "4\u00a0s",
      "59\u00a0s",
      "2\u00a0min",
      "3\u00a0h",
      "26\u00a0h",
      "11\u00a0days",
    ]);
  });
  it("know past, present and future", () => {
    expect(relativeText(1_000, 2_000)).toBe("now");
    expect(relativeText(0, 180_000)).toBe("3\u00a0min ago");
    expect(relativeText(7_200_000, 0)).toBe("in 2\u00a0h");
  });
});
