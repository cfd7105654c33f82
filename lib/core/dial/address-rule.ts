import ipaddr from "ipaddr.js";
import { AppError } from "@/lib/core/errors";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
/** A network as ipaddr.js parses a CIDR: base address and length of the prefix. */
export type Network = [Address, number];

/**
 * Who names the address that is to be dialled. `machine`: people, nodes and kubeconfigs do, so it is anybody's word.
 * `service`: a setting that an administrator wrote does (factory, identity provider); `url` is that setting.
 */
export type DialRule = { kind: "machine" } | { kind: "service"; url: string };
export const machineRule: DialRule = { kind: "machine" };

/** Networks from the setting ICHOR_NODE_NETWORKS, whose parts are valid CIDRs already. */
export const parseNetworks = (cidrs: readonly string[]): Network[] => cidrs.map((cidr) => ipaddr.parseCIDR(cidr));

/**
 * Where clouds answer any program on the machine with credentials: AWS (and most others), its containers and time, Azure,
 * Alibaba, Oracle, and the IPv6 ones of AWS and Google. No machine and no service of ours is ever there.
 */
const metadataServices = parseNetworks([
  "169.254.169.0/24",
  "169.254.170.0/24",
  "168.63.129.16/32",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "fd00:ec2::/32",
  "fd20:ce::/32",
]);

/** Where machines are; not this host itself, link-local, multicast, documentation and the like. */
const usableRanges = new Set(["unicast", "private", "carrierGradeNat", "uniqueLocal"]);
/** IPv4 addresses without a network of their own, deprecated by RFC 4291: `::127.0.0.1`. */
const compatible = ipaddr.parseCIDR("::/96");
const nat64 = ipaddr.parseCIDR("64:ff9b::/96");

const inside = (address: Address, network: Network): boolean =>
  address.kind() === network[0].kind() && address.match(network);

/** The address that is reached in the end: the IPv4 one inside a mapped or a NAT64 one (RFC 6052), else itself. */
function reached(host: string): Address {
  // ipaddr.js takes `::127.0.0.1` for a mapped address, which it is not; URL writes it out in hex.
  const plain = /^::[\d.]+$/.test(host) ? (URL.parse(`http://[${host}]`)?.hostname.slice(1, -1) ?? host) : host;
  const address = ipaddr.process(plain);
  if (!inside(address, nat64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || (ipaddr.isValid(host) && ipaddr.process(host).range() === "loopback");

/** The host of a URL as it is dialled: without the brackets of IPv6. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

function namedLoopback(rule: DialRule): boolean {
  const url = rule.kind === "service" ? URL.parse(rule.url) : null;
  return url !== null && isLoopback(hostOf(url));
}

/**
 * May this IP address be dialled? Metadata services never are; what is private, public or shared (RFC 6598) is; loopback only
 * where a service's own setting names it; everything else (link-local, multicast, 6to4, Teredo, 0.0.0.0/8 …) only inside
 * `allowed`, the networks of ICHOR_NODE_NETWORKS.
 */
export function mayDial(host: string, rule: DialRule, allowed: readonly Network[]): boolean {
  if (!ipaddr.isValid(host)) return false;
  const address = reached(host);
  if (metadataServices.some((network) => inside(address, network))) return false;
  if (allowed.some((network) => inside(address, network))) return true;
  if (address.range() === "loopback") return namedLoopback(rule);
  return usableRanges.has(address.range()) && !inside(address, compatible);
}

/** @throws AppError `refused` for an IP address that may not be dialled, by the rules of `mayDial`. */
export function assertMayDial(host: string, rule: DialRule, allowed: readonly Network[]): void {
  if (mayDial(host, rule, allowed)) return;
  throw new AppError("refused", `${host} is an address of this host or of no machine, so Ichor does not dial it.`, {
    hint: "An administrator can allow a network with the setting ICHOR_NODE_NETWORKS; metadata services are never dialled.",
  });
}
