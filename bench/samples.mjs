/** The value below which a share of the samples lies (nearest rank). */
export function percentile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}

export const p50 = (samples) => percentile(samples, 0.5);
export const p99 = (samples) => percentile(samples, 0.99);
export const nowMs = () => performance.timeOrigin + performance.now();
