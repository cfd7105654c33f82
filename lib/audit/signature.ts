import "server-only";
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { deriveFromDataKey } from "@/lib/db/secrets";

// The DER of an Ed25519 private key is this and its 32 bytes (RFC 8410).
const pkcs8Start = Buffer.from("302e020100300506032b657004220420", "hex");

const keyOf = (secret: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Start, secret]), format: "der", type: "pkcs8" });

export type Signed = { keyId: string; signature: string };

/** Signs a text (Ed25519, base64) with a key that hangs on the secret box: whoever has the database alone cannot. */
export function signText(text: string): Signed {
  const derived = deriveFromDataKey("audit-signature");
  if (!derived) throw new Error("the keyring has no current key");
  return { keyId: derived.keyId, signature: sign(null, Buffer.from(text), keyOf(derived.secret)).toString("base64") };
}

/** Whether this text was signed so. False, too, where the key is not (or no longer) in the database. */
export function isSigned(text: string, { keyId, signature }: Signed): boolean {
  const derived = deriveFromDataKey("audit-signature", keyId);
  if (!derived) return false;
  return verify(null, Buffer.from(text), createPublicKey(keyOf(derived.secret)), Buffer.from(signature, "base64"));
}

/** The public key of `signText`, for those who check an export without Ichor: SPKI, PEM. */
export function publicKeyPem(): string {
  const derived = deriveFromDataKey("audit-signature");
  if (!derived) throw new Error("the keyring has no current key");
  return createPublicKey(keyOf(derived.secret)).export({ format: "pem", type: "spki" }).toString();
}
