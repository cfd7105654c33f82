import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AppError } from "./errors";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
export const keyBytes = 32;

/** The place that a sealed value belongs to. It is authenticated: a value moved to another row or field does not open. */
export type SecretPlace = { table: string; rowId: string; field: string };
export type SealedSecret = { sealed: string; dataKeyId: string };

/** base64 of nonce ‖ ciphertext ‖ tag. */
function encrypt(plaintext: Buffer, key: Buffer, aad: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce);
  cipher.setAAD(Buffer.from(aad));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

function decrypt(sealed: string, key: Buffer, aad: string): Buffer {
  const bytes = Buffer.from(sealed, "base64");
  if (bytes.length < nonceBytes + tagBytes) throw new Error("sealed value is too short");
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()]);
}

// JSON, so that no choice of names makes two places the same.
const placeAad = (place: SecretPlace): string => JSON.stringify(["ichor/v1", place.table, place.rowId, place.field]);
const dataKeyAad = (id: string): string => JSON.stringify(["ichor/v1/data-key", id]);

/** A new data key, and its form wrapped by the master key for the database. */
export function newDataKey(masterKey: Buffer, id: string): { key: Buffer; wrapped: string } {
  const key = randomBytes(keyBytes);
  return { key, wrapped: encrypt(key, masterKey, dataKeyAad(id)) };
}

/** @throws Error when the master key is not the one that wrapped it. */
export const unwrapDataKey = (wrapped: string, masterKey: Buffer, id: string): Buffer =>
  decrypt(wrapped, masterKey, dataKeyAad(id));

/** Seals text for one place in the database (AES-256-GCM, a fresh nonce each time). */
export const seal = (plaintext: string, dataKey: Buffer, place: SecretPlace): string =>
  encrypt(Buffer.from(plaintext, "utf8"), dataKey, placeAad(place));

/** @throws AppError `internal` when the value was changed, moved, or sealed with another key. */
export function unseal(sealed: string, dataKey: Buffer, place: SecretPlace): string {
  try {
    return decrypt(sealed, dataKey, placeAad(place)).toString("utf8");
  } catch (cause) {
    throw new AppError(
      "internal",
      `The stored secret of ${place.table} could not be opened: it was changed, or moved from another row.`,
      {
        hint: "Restore the database from a back-up, or enter the secret again.",
        details: `${place.table} ${place.rowId} ${place.field}`,
        cause,
      },
    );
  }
}

/** Reads a master key from its text: 64 hex digits or base64 of 32 bytes; null where it is neither. */
export function parseMasterKey(text: string): Buffer | null {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, "hex");
  const key = Buffer.from(trimmed, "base64");
  return key.length === keyBytes && key.toString("base64") === trimmed ? key : null;
}
