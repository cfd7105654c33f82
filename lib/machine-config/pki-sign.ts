import { X509CertificateGenerator, type Extension, type JsonName } from "@/lib/machine-config/x509";
import { generateKeyPair, randomBytes, webcrypto, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { AppError } from "@/lib/core/errors";
import { certificateFromPem, keyFitsCertificate, privateKeyFromPem } from "@/lib/machine-config/pki-key";

/** A certificate authority or a leaf: PEM texts that end with a line feed. The key has Talos' label (`pki-key.ts`). */
export type CertificatePair = { certPem: string; keyPem: string };

export type KeyKind = "ed25519" | "ecdsa-p256";

const generate = promisify(generateKeyPair);

/** A new private key from the system's random source. */
export async function newPrivateKey(kind: KeyKind | "rsa-4096"): Promise<KeyObject> {
  switch (kind) {
    case "ed25519":
      return (await generate("ed25519")).privateKey;
    case "ecdsa-p256":
      return (await generate("ec", { namedCurve: "prime256v1" })).privateKey;
    case "rsa-4096":
      return (await generate("rsa", { modulusLength: 4096 })).privateKey;
  }
}

type Algorithm = {
  import: EcKeyImportParams | RsaHashedImportParams | { name: "Ed25519" };
  sign: EcdsaParams | { name: string };
};

function algorithmOf(key: KeyObject): Algorithm {
  switch (key.asymmetricKeyType) {
    case "ed25519":
      return { import: { name: "Ed25519" }, sign: { name: "Ed25519" } };
    case "rsa":
      return { import: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, sign: { name: "RSASSA-PKCS1-v1_5" } };
    case "ec": {
      const wide = key.asymmetricKeyDetails?.namedCurve === "secp384r1";
      const hash = wide ? "SHA-384" : "SHA-256";
      return { import: { name: "ECDSA", namedCurve: wide ? "P-384" : "P-256" }, sign: { name: "ECDSA", hash } };
    }
    default:
      throw new AppError(
        "unsupported",
        `No certificate can be signed with a key of the kind ${key.asymmetricKeyType ?? "unknown"}.`,
      );
  }
}

async function webKey(key: KeyObject, half: "private" | "public"): Promise<CryptoKey> {
  const algorithm = algorithmOf(key).import;
  const { subtle } = webcrypto as unknown as Crypto;
  if (half === "private") {
    const der = new Uint8Array(key.export({ type: "pkcs8", format: "der" }));
    return subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  }
  const der = new Uint8Array(key.export({ type: "spki", format: "der" }));
  return subtle.importKey("spki", der, algorithm, true, ["verify"]);
}

/** A serial number in [0, 2^128), as Go's siderolabs/crypto draws it. */
const newSerialNumber = (): string => randomBytes(16).toString("hex");

const wholeSeconds = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);

export type SignInput = {
  subject: JsonName;
  issuer: string | JsonName;
  publicKey: KeyObject;
  signingKey: KeyObject;
  notBeforeMs: number;
  notAfterMs: number;
  extensions: Extension[];
};

/** Signs a certificate; the PEM ends with a line feed, as Go's does. */
export async function signCertificate(input: SignInput): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: input.subject,
    issuer: input.issuer,
    notBefore: wholeSeconds(input.notBeforeMs),
    notAfter: wholeSeconds(input.notAfterMs),
    publicKey: await webKey(input.publicKey, "public"),
    signingKey: await webKey(input.signingKey, "private"),
    signingAlgorithm: algorithmOf(input.signingKey).sign,
    extensions: input.extensions,
  });
  return `${certificate.toString("pem")}\n`;
}

/**
 * Reads an authority and checks that its key belongs to its certificate.
 *
 * @throws AppError `invalid-input` when either cannot be read or they do not belong together.
 */
export function readAuthority(pair: CertificatePair): {
  key: KeyObject;
  certificate: ReturnType<typeof certificateFromPem>;
} {
  const certificate = certificateFromPem(pair.certPem);
  const key = privateKeyFromPem(pair.keyPem);
  if (!keyFitsCertificate(key, certificate)) {
    throw new AppError("invalid-input", "The certificate authority's key does not belong to its certificate.", {
      hint: "Take both from the same secrets bundle.",
    });
  }
  return { key, certificate };
}
