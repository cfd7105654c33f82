import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { env } from "@/lib/core/env";
import { comesFromProxy } from "./client-address";

/** What a proxy says of the address that a browser used; Next takes the first for the host of the request. */
const told = ["x-forwarded-host", "x-forwarded-port", "forwarded"] as const;

/** How often a header stands in a request; Node keeps the first `Host` and forgets the others. */
const countOf = (raw: readonly string[], name: string): number =>
  raw.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;

/** Takes from a request what its sender has no say in: a forwarded host from no proxy of ours, a host that is told twice. */
export function cleanHost(
  request: Pick<IncomingMessage, "headers" | "rawHeaders" | "socket">,
  proxies: readonly string[],
): void {
  if (!comesFromProxy(request.socket.remoteAddress, proxies)) for (const name of told) delete request.headers[name];
  // No host is allowed that is empty, so the request is refused like one for another host.
  if (countOf(request.rawHeaders, "host") > 1 || countOf(request.rawHeaders, "x-forwarded-host") > 1)
    request.headers.host = "";
}

/** Does so with each request of this process, before Next reads it. */
export function cleanHosts(): void {
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    cleanHost(request, env().trustedProxies);
  });
}
