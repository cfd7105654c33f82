import { describe, expect, it } from "vitest";
import { chartShape, niceMax, niceMaxBytes } from "./chart-path";

describe("chartShape", () => {
  it("draws from left to right, larger is higher", () => {
    expect(chartShape([0, 100], 10, 12, 100).line).toBe("M0.0 11.0L10.0 1.0");
  });
  it("leaves a gap where nothing was read", () => {
    const { line, area } = chartShape([50, 50, null, 50, 50], 40, 12, 100);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(area.match(/Z/g)).toHaveLength(2);
    expect(line).not.toContain("20.0 ");
  });
  it("clips at the top and draws nothing for an empty series", () => {
    expect(chartShape([500, 500], 10, 12, 100).line).toBe("M0.0 1.0L10.0 1.0");
    expect(chartShape([], 10, 12, 100)).toEqual({ line: "", area: "" });
  });
});

describe("niceMax", () => {
  it("rounds up to 1, 2 or 5 of a power of ten", () => {
    expect([0, 0.3, 1, 1.2, 37, 64, 5_000_001].map(niceMax)).toEqual([1, 0.5, 1, 2, 50, 100, 10_000_000]);
  });
});

describe("niceMaxBytes", () => {
  it("is round in the unit that is shown", () => {
    const mebi = 1024 ** 2;
    expect([0, 300, 12 * mebi, 4.9 * mebi, 1010 * mebi].map(niceMaxBytes)).toEqual([
      1024,
      500,
      20 * mebi,
      5 * mebi,
      1024 * mebi,
    ]);
  });
});
