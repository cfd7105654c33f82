import ipaddr from "ipaddr.js";
import { assertMayDial, machineRule, type Network } from "@/lib/core/dial/address-rule";
import { AppError } from "@/lib/core/errors";

/** apid's port (`constants.go`, ApidPort). */
export const talosPort = 50_000;
/** A /22 of IPv4 addresses. */
export const scanLimit = 1024;

const refuse = (message: string, hint?: string): never => {
  throw new AppError("invalid-input", message, hint === undefined ? {} : { hint });
};

/** @throws AppError `invalid-input` for what is no IP address, `refused` for one where no machine may be dialled. */
function assertMachine(host: string, allowed: readonly Network[]): void {
  if (!ipaddr.isValid(host)) refuse(`${host} is not an IP address.`, "Give the node's address, not its name.");
  assertMayDial(host, machineRule, allowed);
}

/** `host` or `host:port`, IPv6 in brackets → `host:port` with Talos' port by default. Throws AppError `invalid-input`. */
export function withPort(text: string): { host: string; port: number; address: string } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)|([0-9a-fA-F]*:[0-9a-fA-F:.]+))(?::(\d{1,5}))?$/.exec(
    text.trim(),
  );
  const host = match?.[1] ?? match?.[3] ?? match?.[2];
  const port = match?.[4] === undefined ? talosPort : Number(match[4]);
  if (!host || port < 1 || port > 65_535)
    return refuse(`${text} is not an address: write it like 10.0.0.5 or 10.0.0.5:50000.`);
  return { host, port, address: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}` };
}

/** IPv4 or IPv6 address with a prefix → each address in it, network and broadcast address of IPv4 left out. */
function expand(cidr: string): string[] {
  const [base, prefix] = ipaddr.parseCIDR(cidr);
  const bytes = base.toByteArray();
  const count = 2 ** (bytes.length * 8 - prefix);
  if (count > scanLimit) refuse(`${cidr} has ${count} addresses; a scan takes at most ${scanLimit} (a /22).`);
  for (let bit = prefix; bit < bytes.length * 8; bit += 1) {
    const at = bit >> 3;
    bytes[at] = (bytes[at] ?? 0) & ~(0x80 >> (bit & 7));
  }
  const hosts: string[] = [];
  for (let index = 0; index < count; index += 1) {
    if (bytes.length === 4 && prefix < 31 && (index === 0 || index === count - 1)) continue;
    const address = [...bytes];
    for (let at = address.length - 1, rest = index; rest > 0; at -= 1) {
      rest += address[at] ?? 0;
      address[at] = rest & 0xff;
      rest >>= 8;
    }
    hosts.push(ipaddr.fromByteArray(address).toString());
  }
  return hosts;
}

/**
 * What to probe: one address, `host:port`, or a network of at most 1,024 addresses.
 * @returns `host:port` each.
 * @throws AppError `invalid-input` for what is neither, `refused` for what may not be dialled.
 */
export function scanTargets(text: string, allowed: readonly Network[]): string[] {
  const input = text.trim();
  if (!input.includes("/")) {
    const { host, address } = withPort(input);
    assertMachine(host, allowed);
    return [address];
  }
  if (!ipaddr.isValidCIDR(input)) refuse(`${input} is neither an address nor a network: write it like 10.0.0.0/24.`);
  const hosts = expand(input);
  for (const host of [hosts[0], hosts.at(-1)]) if (host) assertMachine(host, allowed);
  return hosts.map((host) => withPort(host).address);
}
