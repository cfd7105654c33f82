/** A 64-bit counter as a number. Past 2^53 it stays at the largest safe integer: no byte counter gets there. */
export function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER;
  if (value < BigInt(Number.MIN_SAFE_INTEGER)) return Number.MIN_SAFE_INTEGER;
  return Number(value);
}

/** An etcd member id as etcdctl and talosctl print it: 16 hex digits. */
export const memberId = (id: bigint): string => BigInt.asUintN(64, id).toString(16).padStart(16, "0");

/** Milliseconds as google.protobuf.Duration. */
export const toDuration = (durationMs: number) => ({
  seconds: BigInt(Math.floor(durationMs / 1000)),
  nanos: Math.round((durationMs % 1000) * 1_000_000),
});
