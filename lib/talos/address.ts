import { isIP, isIPv6 } from "node:net";
import { AppError } from "@/lib/core/errors";

/** Where apid listens unless an address says otherwise (Talos `pkg/machinery/constants`). */
export const defaultPort = 50_000;

export type TalosAddress = {
  host: string;
  port: number;
  /** Is `host` an IP literal? Then the certificate is checked against its IP SANs. */
  ip: boolean;
  /** The name for grpc-js, whose scheme leads to `guarded-resolver.ts` and to no resolver of its own. */
  target: string;
  /** `host:port`, IPv6 in brackets: for people. */
  text: string;
};

/**
 * Reads `host`, `host:port`, `::1` or `[::1]:port`. Throws `AppError("invalid-input")` with a sentence that names the text;
 * refuses schemes, paths, user names, spaces and ports outside 1…65535.
 */
export function parseAddress(text: string): TalosAddress {
  const bad = (why: string) =>
    new AppError("invalid-input", `“${text.slice(0, 100)}” is not a machine address: ${why}.`, {
      hint: "Write a host name or an IP address, with a port if it is not 50000.",
    });
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const plain = bracketed ?? (isIPv6(text) ? [text, text, undefined] : /^([^:]*)(?::(.*))?$/.exec(text));
  if (!plain) throw bad("it has more than one colon and is no IPv6 address");
  const host = plain[1] ?? "";
  const portText = plain[2];
  if (bracketed && !isIPv6(host)) throw bad("the brackets do not hold an IPv6 address");
  if (
    !isIP(host) &&
    !/^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/.test(
      host,
    )
  )
    throw bad(host === "" ? "the host is missing" : "the host has characters that no host name has");
  if (!isIP(host) && /^[0-9.]+$/.test(host)) throw bad("it looks like an IPv4 address, but is none");
  const port = portText === undefined ? defaultPort : /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65_535) throw bad("the port is not a number from 1 to 65535");
  const literal = isIPv6(host) ? `[${host}]` : host;
  return { host, port, ip: isIP(host) !== 0, target: `ichor:${literal}:${port}`, text: `${literal}:${port}` };
}
