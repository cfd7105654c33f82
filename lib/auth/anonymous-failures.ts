import ipaddr from "ipaddr.js";
import { env } from "@/lib/core/env";
import { clientAddress } from "./client-address";
import { type FailureKind, failureKinds } from "./failure-kind";

/** `subject`: the account that was tried, or empty. `place`: a network, never a single address. */
export type CountedFailure = { kind: FailureKind; subject: string; place: string; count: number; lastAtMs: number };

/** More different ones between two stores are counted together: strangers choose how many there are. */
const mostKeys = 200;
export const elsewhere = "elsewhere";

const slot = Symbol.for("ichor.anonymous-failures");
type Held = { waiting: Map<string, CountedFailure>; totals: Record<FailureKind, number> };
const holder = globalThis as { [slot]?: Held };
const zeros = (): Record<FailureKind, number> =>
  Object.fromEntries(failureKinds.map((kind) => [kind, 0])) as Record<FailureKind, number>;
const held = (): Held => (holder[slot] ??= { waiting: new Map(), totals: zeros() });

/** The network of an address: a /24 of IPv4, a /48 of IPv6, or `unknown`. */
export function placeOf(address: string): string {
  if (!ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  const bits = parsed.kind() === "ipv4" ? 24 : 48;
  const network =
    parsed.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${parsed.toString()}/${bits}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${bits}`);
  return `${network.toString()}/${bits}`;
}

/** False where there are too many different ones already. */
function add({ waiting }: Held, failure: CountedFailure): boolean {
  const key = JSON.stringify([failure.kind, failure.subject, failure.place]);
  const before = waiting.get(key);
  if (!before && waiting.size >= mostKeys && failure.place !== elsewhere) return false;
  waiting.set(key, { ...failure, count: (before?.count ?? 0) + failure.count });
  return true;
}

/** Counts a failure in memory. Costs no row and no disk, and no more memory than `mostKeys` of them, however many come. */
export function countFailure(kind: FailureKind, address: string, subject = "", nowMs = Date.now()): void {
  held().totals[kind] += 1;
  giveBackFailures([{ kind, subject, place: placeOf(address), count: 1, lastAtMs: nowMs }]);
}

/** Counts what a request got wrong, for the network that it comes from. */
export const countFailureOf = (kind: FailureKind, headers: Headers): void =>
  countFailure(kind, clientAddress(headers, env().trustedProxies));

/** Keeps what was taken and could not be stored. */
export function giveBackFailures(failures: readonly CountedFailure[]): void {
  for (const failure of failures) if (!add(held(), failure)) add(held(), { ...failure, subject: "", place: elsewhere });
}

/** Hands over what was counted since the last time. */
export function takeFailures(): CountedFailure[] {
  const { waiting } = held();
  const taken = [...waiting.values()];
  waiting.clear();
  return taken;
}

/** Counts since the start of the process, for the metrics. */
export const failureTotals = (): Readonly<Record<FailureKind, number>> => held().totals;
