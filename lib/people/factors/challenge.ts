import "server-only";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveSecret } from "@/lib/db/secrets";

/** As long as a person may look for a security key. */
export const challengeLifeMs = 5 * 60_000;
const randomLength = 16;
const timeLength = 8;

const markOf = (body: Buffer, purpose: string): Buffer =>
  createHmac("sha256", deriveSecret("passkey-challenge"))
    .update(JSON.stringify([purpose, body.toString("hex")]))
    .digest();

/**
 * A WebAuthn challenge that carries its own end and a mark of ours, so that strangers who ask for challenges make no rows. It is
 * bound to what it is for; `firstUse` keeps it from being used twice, when everything else has been checked.
 * @param purpose what it is for, and whose.
 */
export function newChallenge(purpose: string, nowMs: number): Uint8Array<ArrayBuffer> {
  const end = Buffer.alloc(timeLength);
  end.writeBigUInt64BE(BigInt(nowMs + challengeLifeMs));
  const body = Buffer.concat([randomBytes(randomLength), end]);
  return new Uint8Array(Buffer.concat([body, markOf(body, purpose)]));
}

/** Whether the challenge is one of ours for this purpose that has not ended. @param text base64url */
export function isChallenge(text: string, purpose: string, nowMs: number): boolean {
  const bytes = Buffer.from(text, "base64url");
  const body = bytes.subarray(0, randomLength + timeLength);
  const mark = markOf(body, purpose);
  if (bytes.length !== randomLength + timeLength + mark.length) return false;
  if (!timingSafeEqual(bytes.subarray(body.length), mark)) return false;
  return Number(body.readBigUInt64BE(randomLength)) > nowMs;
}
