import ipaddr from "ipaddr.js";
import { AppError } from "@/lib/core/errors";

/** apid's port (`constants.go`, ApidPort). */
export const talosPort = 50_000;
/** A /22 of IPv4 addresses. */
export const scanLimit = 1024;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = [Address, number];

const refuse = (message: string, hint?: string): never => {
  throw new AppError("invalid-input", message, hint === undefined ? {} : { hint });
};

/** Networks from the setting ICHOR_NODE_NETWORKS, whose parts are valid CIDRs already. */
export const parseNetworks = (cidrs: readonly string[]): Network[] => cidrs.map((cidr) => ipaddr.parseCIDR(cidr));

/** Where machines are; not this host itself, link-local (cloud metadata), multicast and the like. */
const nodeRanges = new Set(["unicast", "private", "carrierGradeNat", "uniqueLocal"]);

function inside(address: Address, network: Network): boolean {
  return address.kind() === network[0].kind() && address.match(network);
}

/**
 * Refuses an address that may not be dialled. The address is user input and the server dials it, so this is the guard
 * against requests to this host and to link-local services; `exceptions` are networks that an administrator allowed.
 * @throws AppError `invalid-input` for what is no IP address, `refused` for one that may not be dialled.
 */
export function assertMayDial(host: string, exceptions: readonly Network[]): void {
  if (!ipaddr.isValid(host)) refuse(`${host} is not an IP address.`, "Give the node's address, not its name.");
  const address = ipaddr.process(host);
  if (nodeRanges.has(address.range()) || exceptions.some((network) => inside(address, network))) return;
  throw new AppError("refused", `${host} is an address of this host or of no machine, so Ichor does not dial it.`, {
    hint: "An administrator can allow a network with the setting ICHOR_NODE_NETWORKS.",
  });
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
export function scanTargets(text: string, exceptions: readonly Network[]): string[] {
  const input = text.trim();
  if (!input.includes("/")) {
    const { host, address } = withPort(input);
    assertMayDial(host, exceptions);
    return [address];
  }
  if (!ipaddr.isValidCIDR(input)) refuse(`${input} is neither an address nor a network: write it like 10.0.0.0/24.`);
  const hosts = expand(input);
  for (const host of [hosts[0], hosts.at(-1)]) if (host) assertMayDial(host, exceptions);
  return hosts.map((host) => withPort(host).address);
}
