import { expect, test } from "vitest";
import { judge, type Measured, type Seen } from "./judge";

const quick: Measured = { asked: 100, failed: 0, p50Ms: 2, p99Ms: 20, mostMs: 60, ownP99Ms: 12 };
const slow: Measured = { ...quick, p99Ms: 400 };
const seen: Seen = {
  ...{ before: quick, during: quick, after: quick, wrong: [] },
  ...{ residentBefore: 300, residentPeak: 500, residentAfter: 350 },
};

test.each<[string, Partial<Seen>, string, RegExp | null]>([
  ["all is well", {}, "ok", null],
  ["slow beside a quick baseline", { during: slow }, "fault", /p99 400 ms/],
  ["a request failed", { during: { ...quick, failed: 1 } }, "fault", /1 requests failed/],
  ["no answer at all", { during: { ...quick, p99Ms: null } }, "fault", /no answer/],
  ["slow, and so before it", { before: slow, during: slow }, "not measurable", /without any hostile peer: p99 400 ms/],
  ["quick, but not after it", { after: slow }, "not measurable", /without any hostile peer/],
  ["the meter was starved", { during: { ...slow, ownP99Ms: 200 } }, "not measurable", /waited 200 ms/],
  ["memory stays", { residentAfter: 361 }, "fault", /memory stays 20 % above/],
  ["said nothing of the peer", { wrong: ["w-01 is shown as reachable"] }, "fault", /w-01/],
  [
    "a slow machine may be late with all of it, which is told",
    { before: slow, wrong: ["w-01"] },
    "not measurable",
    /w-01/,
  ],
])("%s", (_, change, is, why) => {
  const verdict = judge({ ...seen, ...change });
  expect(verdict.is).toBe(is);
  expect(verdict.why.join("; ")).toMatch(why ?? /^$/);
});
