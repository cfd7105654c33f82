import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { db } from "@/lib/db/client";
import type { Tx } from "@/lib/db/transaction";

export const codeCount = 10;
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const codeLength = 20;

/** 100 random bits as four groups of five (Crockford's base 32, which has no letters that look like digits). */
function newCode(): string {
  const text = [...randomBytes(codeLength)].map((byte) => alphabet[byte & 31]).join("");
  return text.replace(/(.{5})(?=.)/g, "$1-");
}

/** What was typed, read kindly: case, hyphens and spaces do not matter, and o, i, l are the digits that they look like. */
const normalized = (typed: string): string =>
  typed.toLowerCase().replace(/[\s-]/g, "").replace(/o/g, "0").replace(/[il]/g, "1");

/** A fast hash is enough for 100 bits that nobody chose. With the account, so that equal codes would not show. */
const hashOf = (userId: string, code: string): string =>
  createHash("sha256")
    .update(JSON.stringify([userId, normalized(code)]))
    .digest("hex");

export const looksLikeRecoveryCode = (typed: string): boolean => normalized(typed).length === codeLength;

/** Makes new codes in place of the account's former ones. They are returned this once; only hashes are stored. */
export async function renewRecoveryCodes(tx: Tx, userId: string): Promise<string[]> {
  const codes = Array.from({ length: codeCount }, newCode);
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.recoveryCode.createMany({ data: codes.map((code) => ({ hash: hashOf(userId, code), userId })) });
  return codes;
}

/** Whether the code is one of the account's that was not used; it is used then. */
export async function takeRecoveryCode(userId: string, typed: string, nowMs: number): Promise<boolean> {
  const { count } = await db.recoveryCode.updateMany({
    where: { hash: hashOf(userId, typed.slice(0, 100)), userId, usedAt: null },
    data: { usedAt: new Date(nowMs) },
  });
  return count === 1;
}
