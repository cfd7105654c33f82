import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
} from "@/lib/machine-config/x509";
import { createPublicKey, randomBytes } from "node:crypto";
import { talosKeyPem } from "@/lib/machine-config/pki-key";
import { newPrivateKey, signCertificate, type CertificatePair, type KeyKind } from "@/lib/machine-config/pki-sign";

/** How long Talos' own authorities live: 87600 h (`constants.DefaultCertificateValidityDuration` of the CAs, cfg/generate/secrets/ca.go). */
export const authorityTtlMs = 87_600 * 3_600_000;

export type AuthorityInput = {
  /** Ed25519 for the Talos API (`os`), ECDSA P-256 for etcd, Kubernetes and its aggregator. */
  kind: KeyKind;
  /** `talos`, `etcd`, `kubernetes`; null gives the empty subject that Talos' aggregator authority has. */
  organization: string | null;
  nowMs: number;
  ttlMs?: number;
};

/**
 * A self-signed certificate authority with the fields and the order of extensions of siderolabs/crypto v0.6.4
 * (x509/certificate_authority.go), a random subject key identifier included.
 */
export async function generateAuthority({
  kind,
  organization,
  nowMs,
  ttlMs = authorityTtlMs,
}: AuthorityInput): Promise<CertificatePair> {
  const key = await newPrivateKey(kind);
  const name = organization === null ? [] : [{ O: [organization] }];
  const certPem = await signCertificate({
    subject: name,
    issuer: name,
    publicKey: createPublicKey(key),
    signingKey: key,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + ttlMs,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new BasicConstraintsExtension(true, undefined, true),
      new SubjectKeyIdentifierExtension(randomBytes(20).toString("hex")),
    ],
  });
  return { certPem, keyPem: talosKeyPem(key) };
}
