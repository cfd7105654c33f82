import ipaddr from "ipaddr.js";

/** Names that a browser reaches this machine by, whatever the network's DNS says. */
const localNames = new Set(["localhost", "localhost.localdomain", "ip6-localhost"]);

function hostName(host: string): string | null {
  const url = URL.parse(`http://${host}`);
  if (!url || url.pathname !== "/" || url.search !== "" || url.username !== "") return null;
  return url.hostname.toLowerCase();
}

/**
 * Whether a `Host` header names this console: the host of its public address, this machine, or a bare IP address.
 * A page elsewhere can point its own DNS name here (DNS rebinding), but cannot make a browser send an IP address instead.
 */
export function isAllowedHost(host: string | null, publicUrl: string): boolean {
  if (host === null) return false;
  const name = hostName(host);
  if (name === null) return false;
  if (localNames.has(name) || host.toLowerCase() === URL.parse(publicUrl)?.host) return true;
  return ipaddr.isValid(name.replace(/^\[|\]$/g, "")) && /^[\d.]+$|^\[[0-9a-f:.]+\]$/.test(name);
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
  if (origin && (origin.host === request.host || origin.origin === URL.parse(publicUrl)?.origin)) return null;
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
