import { isIPv4, isIPv6 } from "node:net";

/** Names that a browser reaches this machine by, whatever the network's DNS says. */
const localNames = new Set(["localhost", "localhost.localdomain", "ip6-localhost"]);

/** Name or address, and a port: what RFC 9110 lets stand in `Host`, written as browsers write it. */
const hostPattern = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?))(?::([1-9]\d{0,4}))?$/i;

type Host = { name: string; port: number | null; isAddress: boolean };

/** Reads a `Host` strictly: no user, path, blank, list, second colon, odd form of an address, or port that is none. Null for others. */
export function parseHost(text: string): Host | null {
  const [, v6, plain, portText] = hostPattern.exec(text) ?? [];
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && port > 65_535) return null;
  if (v6 !== undefined) return isIPv6(v6) ? { name: v6.toLowerCase(), port, isAddress: true } : null;
  const name = plain?.toLowerCase();
  if (name === undefined) return null;
  if (isIPv4(name)) return { name, port, isAddress: true };
  // `127.1`, `2130706433` and `0x7f.1` are read as addresses by some and as names by others.
  const last = name.split(".").at(-1) ?? "";
  return name.includes("..") || /^(?:\d+|0x[0-9a-f]*)$/.test(last) ? null : { name, port, isAddress: false };
}

/**
 * Whether a `Host` header names this console: the host of its public address, this machine, or a bare IP address.
 * A page elsewhere can point its own DNS name here (DNS rebinding), but cannot make a browser send an IP address instead.
 */
export function isAllowedHost(text: string | null, publicUrl: string): boolean {
  const host = text === null ? null : parseHost(text);
  if (host === null) return false;
  if (host.isAddress || localNames.has(host.name)) return true;
  const own = URL.parse(publicUrl);
  if (own === null || host.name !== own.hostname) return false;
  const usual = own.protocol === "https:" ? 443 : 80;
  return (host.port ?? usual) === Number(own.port || usual);
}

export type RequestFacts = {
  method: string;
  host: string | null;
  origin: string | null;
  secFetchSite: string | null;
  bearer: boolean;
};

/**
 * Why a request that may change something must not be believed, or null. A browser says where a request comes from; one
 * that carries a token in its header instead of a cookie cannot have been made by another site's page.
 */
export function forgeryOf(request: RequestFacts, publicUrl: string): string | null {
  if (request.method === "GET" || request.method === "HEAD" || request.method === "OPTIONS") return null;
  if (request.origin === null) {
    if (request.bearer || request.secFetchSite === "same-origin") return null;
    return "The request does not say where it comes from: send an Origin header, or an API token.";
  }
  const origin = URL.parse(request.origin);
  // Browsers send scheme, host and port, and nothing else.
  if (
    origin &&
    origin.origin === request.origin.toLowerCase() &&
    (origin.host === request.host || origin.origin === URL.parse(publicUrl)?.origin)
  )
    return null;
  return "The request comes from another site.";
}

/** The facts that `forgeryOf` looks at. */
export const requestFacts = (method: string, headers: Headers): RequestFacts => ({
  method,
  host: headers.get("host"),
  origin: headers.get("origin"),
  secFetchSite: headers.get("sec-fetch-site"),
  bearer: /^Bearer /i.test(headers.get("authorization") ?? ""),
});
