import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import { AppError } from "@/lib/core/errors";

const talosLabel = "ED25519 PRIVATE KEY";

/**
 * Reads a private key as Talos writes it. `ED25519 PRIVATE KEY` is Talos' own label around plain PKCS#8, which OpenSSL refuses
 * (siderolabs/crypto x509/key.go).
 *
 * @throws AppError `invalid-input` without a word of the key.
 */
export function privateKeyFromPem(pem: string): KeyObject {
  try {
    return createPrivateKey(standardKeyPem(pem));
  } catch (error) {
    throw new AppError(
      "invalid-input",
      "The private key cannot be read: it is not a PEM key of a kind that Talos uses.",
      {
        hint: "Expected are ED25519, EC, RSA or PKCS#8 private keys without a passphrase.",
        cause: error instanceof Error ? error.name : undefined,
      },
    );
  }
}

/** The same key under a label that OpenSSL, node:tls and grpc-js accept. Other labels stay as they are. */
export const standardKeyPem = (pem: string): string => pem.replaceAll(`${talosLabel}-----`, "PRIVATE KEY-----");

/** The key as Go writes it for Talos: Ed25519 under Talos' label, EC as SEC1, RSA as PKCS#1; ends with a line feed. */
export function talosKeyPem(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case "ec":
      return key.export({ type: "sec1", format: "pem" }).toString();
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    case "ed25519": {
      const pem = key.export({ type: "pkcs8", format: "pem" }).toString();
      return pem.replaceAll("PRIVATE KEY-----", `${talosLabel}-----`);
    }
    default:
      throw new AppError("unsupported", `Talos uses no keys of the kind ${key.asymmetricKeyType ?? "unknown"}.`);
  }
}

/** @throws AppError `invalid-input` when the text is not one PEM certificate. */
export function certificateFromPem(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new AppError("invalid-input", "The certificate cannot be read: it is not a PEM certificate.", {
      cause: error instanceof Error ? error.name : undefined,
    });
  }
}

/** Is this the private half of the certificate's key? */
export function keyFitsCertificate(key: KeyObject, certificate: X509Certificate): boolean {
  const spki = (half: KeyObject) => half.export({ type: "spki", format: "der" });
  return spki(createPublicKey(key)).equals(spki(certificate.publicKey));
}
