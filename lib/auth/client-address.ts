import { randomBytes } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";
import { agentInWords } from "./user-agent";

/** Who a request comes from, as the list of sessions shows it. */
export type Client = { address: string; agent: string };

const header = "x-ichor-peer";
const slot = Symbol.for("ichor.peer-stamp");
const holder = globalThis as { [slot]?: string };

/**
 * Writes the address that a connection really comes from into each of its requests, over whatever the client sent there: Next
 * hands on headers only. The stamp is random, so that a request from before this was called cannot claim one.
 */
export function stampPeers(): void {
  const stamp = (holder[slot] ??= randomBytes(16).toString("hex"));
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[header] = `${stamp} ${request.socket.remoteAddress ?? "unknown"}`;
  });
}

/** An address as compared and shown: IPv4 in IPv6 as IPv4, zones left out. Null for what is none. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text.trim().replace(/^\[|\](:\d+)?$/g, "");
  const address = bare.replace(/%.*$/, "");
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return null;
  return ipaddr.process(address);
}

const isWithin = (address: ipaddr.IPv4 | ipaddr.IPv6, networks: readonly string[]): boolean =>
  networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === address.kind() && address.match(base, bits);
  });

/** Did one of the configured proxies open this connection? */
export function comesFromProxy(peer: string | undefined, trustedProxies: readonly string[]): boolean {
  const address = parseAddress(peer ?? "");
  return address !== null && isWithin(address, trustedProxies);
}

/**
 * The address of a request's client. `X-Forwarded-For` is believed as far as configured proxies wrote it: read from its end,
 * the first address that is no such proxy. `unknown` where the connection's own address is not known.
 */
export function clientAddress(headers: Headers, trustedProxies: readonly string[]): string {
  const [stamp, peerText = ""] = (headers.get(header) ?? "").split(" ");
  let address = stamp === holder[slot] ? parseAddress(peerText) : null;
  if (address === null) return "unknown";
  const told = (headers.get("x-forwarded-for") ?? "").slice(-2000).split(",");
  while (isWithin(address, trustedProxies)) {
    const next = parseAddress(told.pop() ?? "");
    // A proxy that says nothing, or nonsense, stands for whoever is behind it.
    if (next === null) break;
    address = next;
  }
  return address.toString();
}

/** What limits count an address as: a household or a server is given a whole /64 of IPv6. */
export function addressGroup(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === null) return "unknown";
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

/** Address and browser of a request. */
export const clientOf = (headers: Headers, trustedProxies: readonly string[]): Client => ({
  address: clientAddress(headers, trustedProxies),
  agent: agentInWords(headers.get("user-agent")),
});
