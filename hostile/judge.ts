/** What the meter found in a stretch of time. */
export type Measured = {
  asked: number;
  failed: number;
  p50Ms: number | null;
  p99Ms: number | null;
  mostMs: number | null;
  /** How long the meter itself waited for its turns. */
  ownP99Ms: number;
};

/** A row as it was seen; memory in bytes. */
export type Seen = {
  before: Measured;
  during: Measured;
  after: Measured;
  residentBefore: number;
  residentPeak: number;
  residentAfter: number;
  /** What the console should have said and did not, of the peer or of others; empty where all is right. */
  wrong: readonly string[];
};
export type Verdict = { is: "ok" | "fault" | "not measurable"; why: readonly string[] };

/** `/api/health` answers within so long in 99 of 100 cases. */
export const limitMs = 250;
/** Memory is back within so much of what it was. */
export const backWithin = 0.2;

const slow = ({ p99Ms, failed }: Measured): boolean => failed > 0 || p99Ms === null || p99Ms > limitMs;
const said = ({ p99Ms, failed }: Measured): string =>
  failed > 0 ? `${failed} requests failed` : p99Ms === null ? "no answer" : `p99 ${Math.round(p99Ms)} ms`;

/**
 * Judges a row. Where the machine alone was too slow beside it, or the meter itself was kept from its work, nothing is proven: neither
 * that all was well nor that it was not, since all that is looked at has its time. That the server has ended is no matter of time, and
 * is an error before anything is judged.
 */
export function judge(seen: Seen): Verdict {
  const { before, during, after, residentBefore, residentAfter } = seen;
  const faults = [...seen.wrong];
  if (residentAfter > residentBefore * (1 + backWithin))
    faults.push(`memory stays ${Math.round((residentAfter / residentBefore - 1) * 100)} % above what it was`);
  const unfair = [
    ...[before, after].filter(slow).map((one) => `without any hostile peer: ${said(one)}`),
    ...(during.ownP99Ms > limitMs / 2
      ? [`the meter itself waited ${Math.round(during.ownP99Ms)} ms for its turn`]
      : []),
  ];
  if (slow(during)) faults.push(`/api/health: ${said(during)}`);
  if (unfair.length > 0) return { is: "not measurable", why: [...unfair, ...faults] };
  return faults.length > 0 ? { is: "fault", why: faults } : { is: "ok", why: [] };
}
