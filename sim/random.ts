import { createHash } from "node:crypto";

/** A deterministic source of numbers in [0, 1): the same seed gives the same fleet. */
export type Random = () => number;

/** Mulberry32, seeded by a string. */
export function seededRandom(seed: string): Random {
  let state = createHash("sha256").update(seed).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `length` hex characters that depend on the seed alone. */
export function seededHex(seed: string, length: number): string {
  let hex = "";
  for (let round = 0; hex.length < length; round++)
    hex += createHash("sha256").update(`${seed}/${round}`).digest("hex");
  return hex.slice(0, length);
}

/** A version 4 UUID that depends on the seed alone. */
export function seededUuid(seed: string): string {
  const hex = seededHex(`uuid/${seed}`, 32);
  const variant = ((parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A MAC address under a vendor prefix (`a0:36:9f`). */
export function seededMac(seed: string, vendorPrefix: string): string {
  const hex = seededHex(`mac/${seed}`, 6);
  return `${vendorPrefix}:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}
