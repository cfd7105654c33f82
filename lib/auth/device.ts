import "server-only";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveSecret } from "@/lib/db/secrets";
import { isSecureUrl, sessionCookieOptions } from "./session-cookie";

/** Kept so long after the last sign-in. */
const keptSeconds = 365 * 24 * 60 * 60;

/**
 * The cookie of a browser that has signed in before. It gives no right: its guesses at the password count for themselves, so that
 * strangers who share its address, or know the account's name, cannot hold its owner up.
 */
export const deviceCookieName = (publicUrl: string): string =>
  isSecureUrl(publicUrl) ? "__Host-ichor.device" : "ichor.device";
export const deviceCookieOptions = (publicUrl: string) => ({
  ...sessionCookieOptions(publicUrl),
  maxAge: keptSeconds,
});

const seal = (id: string, account: string): string =>
  createHmac("sha256", deriveSecret("known-device"))
    .update(JSON.stringify([id, account]))
    .digest("base64url");

/** A new cookie for a browser from which this account has just signed in. */
export function newDevice(account: string): string {
  const id = randomBytes(16).toString("base64url");
  return `${id}.${seal(id, account)}`;
}

/** The browser's id where its cookie was made for this account, else null. */
export function knownDevice(cookie: string | null, account: string): string | null {
  const [id = "", given = "", ...rest] = (cookie ?? "").slice(0, 200).split(".");
  const right = Buffer.from(seal(id, account));
  const mark = Buffer.from(given);
  return rest.length === 0 && mark.length === right.length && timingSafeEqual(mark, right) ? id : null;
}
