/**
 * A point in time as Go wrote it, in epoch milliseconds; null where there is none. Go's zero time (1 January of the year 1, as a protobuf
 * timestamp -62135596800 s) and an empty timestamp (1970) both mean "not yet": a service without a health check says so in
 * `health.last_change` (seen on Talos 1.14).
 */
export function goTimeMs(time: Date | undefined): number | null {
  const ms = time?.getTime();
  return ms !== undefined && Number.isFinite(ms) && ms > 0 ? ms : null;
}
