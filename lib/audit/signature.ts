import "server-only";
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { SealedSecret } from "@/lib/core/secret-box";
import { db } from "@/lib/db/client";
import { deriveFromDataKey, openSecret, sealSecret } from "@/lib/db/secrets";
import type { Tx } from "@/lib/db/transaction";

// The DER of an Ed25519 private key is this and its 32 bytes (RFC 8410).
const pkcs8Start = Buffer.from("302e020100300506032b657004220420", "hex");

export type SigningKey = { id: string; key: KeyObject };
export type Signed = { keyId: string; signature: string };

const placeOf = (rowId: string) => ({ table: "AuditKey", rowId, field: "sealed" });
const keyOf = (id: string, secret: string): SigningKey => ({
  id,
  key: createPrivateKey({
    key: Buffer.concat([pkcs8Start, Buffer.from(secret, "base64")]),
    format: "der",
    type: "pkcs8",
  }),
});

/** The signing key of a stored row. @throws AppError `internal` where the row was changed. */
export const openSigningKey = (row: SealedSecret & { id: string }): SigningKey =>
  keyOf(row.id, openSecret(row, placeOf(row.id)));

/** The key that signs, made on first use and the same from then on: whoever has the database alone cannot sign. */
export async function signingKey(client: Tx = db): Promise<SigningKey> {
  const row = await client.auditKey.findFirst();
  if (row) return openSigningKey(row);
  const { keyId: id, secret } = deriveFromDataKey("audit-signature");
  // Whoever comes at the same time makes the same one.
  const data = { id, ...sealSecret(secret, placeOf(id)) };
  await client.auditKey.upsert({ where: { id }, create: data, update: {} });
  return keyOf(id, secret);
}

/** Signs a text: Ed25519, base64. */
export const signText = (text: string, { id, key }: SigningKey): Signed => ({
  keyId: id,
  signature: sign(null, Buffer.from(text), key).toString("base64"),
});

/** Whether this text was signed so, with this key. */
export const isSigned = (text: string, { keyId, signature }: Signed, { id, key }: SigningKey): boolean =>
  keyId === id && verify(null, Buffer.from(text), createPublicKey(key), Buffer.from(signature, "base64"));

/** The public key, for those who check an export without Ichor: SPKI, PEM. */
export const publicKeyPem = ({ key }: SigningKey): string =>
  createPublicKey(key).export({ format: "pem", type: "spki" }).toString();
