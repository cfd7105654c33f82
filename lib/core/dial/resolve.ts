import dns from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { assertMayDial, type DialRule, mayDial, parseNetworks } from "./address-rule";

export type ResolvedAddress = { address: string; family: number };

/**
 * The addresses behind a host (a name or an IP literal) that may be dialled. Whoever connects uses these and asks no
 * resolver again: a name that answers differently a moment later (DNS rebinding) changes nothing.
 * @throws AppError `refused` where all of them are forbidden; the resolver's own error where the name has none.
 */
export async function resolveAllowed(host: string, rule: DialRule): Promise<ResolvedAddress[]> {
  const allowed = parseNetworks(env().nodeNetworks);
  const family = isIP(host);
  if (family !== 0) {
    assertMayDial(host, rule, allowed);
    return [{ address: host, family }];
  }
  const found = await dns.promises.lookup(host, { all: true, order: "verbatim" });
  const usable = found.filter(({ address }) => mayDial(address, rule, allowed));
  if (usable.length > 0) return usable;
  const [first] = found;
  if (!first) throw new AppError("unavailable", `${host} has no address in DNS.`);
  assertMayDial(first.address, rule, allowed);
  return [first];
}

/** `resolveAllowed` as the `lookup` of a socket. Sockets do not ask it about IP literals: check those with `checkLiteral`. */
export const guardedLookup =
  (rule: DialRule): LookupFunction =>
  (host, options, callback) => {
    resolveAllowed(host, rule).then(
      (found) => {
        const family = options.family === "IPv4" ? 4 : options.family === "IPv6" ? 6 : (options.family ?? 0);
        const fitting = family === 0 ? found : found.filter((one) => one.family === family);
        const [first] = fitting;
        if (options.all) callback(null, fitting);
        else if (first) callback(null, first.address, first.family);
        else callback(Object.assign(new Error(`${host} has no IPv${family} address`), { code: "ENOTFOUND" }), "", 0);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), "", 0),
    );
  };

/** @throws AppError `refused` for an IP literal that may not be dialled; names pass, `guardedLookup` judges them. */
export function checkLiteral(host: string, rule: DialRule): void {
  if (isIP(host) !== 0) assertMayDial(host, rule, parseNetworks(env().nodeNetworks));
}
