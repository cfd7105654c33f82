export type BucketInput = { perSecond: number; atOnce: number; now?: () => number };

/** A token bucket: `atOnce` units are there at first, and `perSecond` come back. */
export type Bucket = {
  /** Takes units, also more than there are. Returns how many milliseconds it takes until none is owed; 0 where there were enough. */
  take: (units: number) => number;
};

/** @param now a clock that only goes forward, in milliseconds. */
export function createBucket({ perSecond, atOnce, now = () => performance.now() }: BucketInput): Bucket {
  let left = atOnce;
  let atMs = now();
  return {
    take(units) {
      const nowMs = now();
      left = Math.min(atOnce, left + ((nowMs - atMs) * perSecond) / 1000);
      atMs = nowMs;
      left -= units;
      return left >= 0 ? 0 : Math.ceil((-left * 1000) / perSecond);
    },
  };
}
