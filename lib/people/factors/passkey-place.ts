import { isAllowedHost } from "@/lib/auth/origin";

/** Where a passkey is made and used: browsers hold it to the host name, and tell the origin. */
export type PasskeyPlace = { rpId: string; origin: string };

const localHost = "localhost";

/**
 * The place that a request's `Host` header names: the console's public address, or this machine. Null where browsers have no
 * passkeys: an IP address, or a name without TLS (WebAuthn wants a domain in a secure context, or localhost).
 */
export function passkeyPlace(host: string | null, publicUrl: string): PasskeyPlace | null {
  if (host === null || !isAllowedHost(host, publicUrl)) return null;
  const own = new URL(publicUrl);
  const asked = URL.parse(`http://${host}`);
  if (asked === null) return null;
  if (asked.hostname === localHost)
    return { rpId: localHost, origin: own.host === asked.host ? own.origin : `http://${asked.host}` };
  if (host.toLowerCase() !== own.host || own.protocol !== "https:") return null;
  return /^[\d.]+$|^\[/.test(own.hostname) ? null : { rpId: own.hostname, origin: own.origin };
}

export const noPasskeyHere =
  "Passkeys need the console at a host name with https, or at localhost; browsers have none for IP addresses.";
