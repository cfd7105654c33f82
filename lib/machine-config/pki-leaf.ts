import {
  AuthorityKeyIdentifierExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  type Extension,
  type JsonName,
} from "@/lib/machine-config/x509";
import { createPublicKey } from "node:crypto";
import { AppError } from "@/lib/core/errors";
import { talosKeyPem } from "@/lib/machine-config/pki-key";
import {
  newPrivateKey,
  readAuthority,
  signCertificate,
  type CertificatePair,
  type KeyKind,
} from "@/lib/machine-config/pki-sign";

/** Roles of the Talos API (pkg/machinery/role/role.go); `os:impersonator` is for nodes alone and is never issued here. */
export const talosRoles = [
  "os:admin",
  "os:operator",
  "os:reader",
  "os:etcd:backup",
  "os:image:verifier",
  "os:meta:writer",
] as const;
export type TalosRole = (typeof talosRoles)[number];

/** Certificates start this long before now, since clocks of nodes and of this server are never quite the same. */
export const clockSkewAllowanceMs = 5 * 60_000;

type Names = { ips: readonly string[]; dnsNames: readonly string[] };

const alternativeNames = ({ ips, dnsNames }: Names): Extension[] =>
  ips.length + dnsNames.length === 0
    ? []
    : [
        new SubjectAlternativeNameExtension([
          ...dnsNames.map((value) => ({ type: "dns" as const, value })),
          ...ips.map((value) => ({ type: "ip" as const, value })),
        ]),
      ];

function authorityKeyIdentifier(caCertPem: string): { issuer: string; extensions: Extension[] } {
  const certificate = new X509Certificate(caCertPem);
  const keyId = certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  return { issuer: certificate.subject, extensions: keyId ? [new AuthorityKeyIdentifierExtension(keyId)] : [] };
}

type Leaf = {
  ca: CertificatePair;
  keyKind: KeyKind;
  subject: JsonName;
  usages: KeyUsageFlags;
  extendedUsages: ExtendedKeyUsage[];
  names: Names;
  notBeforeMs: number;
  notAfterMs: number;
};

async function signLeaf(leaf: Leaf): Promise<CertificatePair> {
  const authority = readAuthority(leaf.ca);
  const key = await newPrivateKey(leaf.keyKind);
  const { issuer, extensions } = authorityKeyIdentifier(leaf.ca.certPem);
  const certPem = await signCertificate({
    subject: leaf.subject,
    issuer,
    publicKey: createPublicKey(key),
    signingKey: authority.key,
    notBeforeMs: leaf.notBeforeMs,
    notAfterMs: leaf.notAfterMs,
    extensions: [
      new KeyUsagesExtension(leaf.usages, true),
      new ExtendedKeyUsageExtension(leaf.extendedUsages),
      ...extensions,
      ...alternativeNames(leaf.names),
    ],
  });
  return { certPem, keyPem: talosKeyPem(key) };
}

export type ClientCertificateInput = {
  /** The Talos API's authority (`certs.os`), PEM. */
  caCertPem: string;
  caKeyPem: string;
  roles: readonly string[];
  ttlMs: number;
  nowMs: number;
};

/**
 * An Ed25519 client certificate for the Talos API: organizations are the roles, sorted, in one RDN; the extended key usage is exactly
 * clientAuth, which apid compares for equality (internal/app/apid/service.go). Valid from a few minutes before `nowMs`.
 *
 * @throws AppError `invalid-input` for no role or an authority whose halves do not fit; `refused` for `os:impersonator`.
 */
export async function mintClientCertificate(input: ClientCertificateInput): Promise<CertificatePair> {
  if (input.roles.length === 0) throw new AppError("invalid-input", "A client certificate needs at least one role.");
  if (input.roles.includes("os:impersonator")) {
    throw new AppError(
      "refused",
      "The role os:impersonator is for nodes among themselves and is never given to a client.",
    );
  }
  return signLeaf({
    ca: { certPem: input.caCertPem, keyPem: input.caKeyPem },
    keyKind: "ed25519",
    subject: [{ O: [...new Set(input.roles)].sort() }],
    usages: KeyUsageFlags.digitalSignature,
    extendedUsages: [ExtendedKeyUsage.clientAuth],
    names: { ips: [], dnsNames: [] },
    notBeforeMs: input.nowMs - clockSkewAllowanceMs,
    notAfterMs: input.nowMs + input.ttlMs,
  });
}

export type KubernetesClientInput = {
  ca: CertificatePair;
  commonName: string;
  organization: string;
  ttlMs: number;
  nowMs: number;
};

/** An ECDSA client certificate for Kubernetes (`O=system:masters`, `CN=admin` in Talos' kubeconfig; pkg/kubeconfig/generate.go). */
export function mintKubernetesClientCertificate(input: KubernetesClientInput): Promise<CertificatePair> {
  return signLeaf({
    ca: input.ca,
    keyKind: "ecdsa-p256",
    subject: [{ O: [input.organization] }, { CN: [input.commonName] }],
    usages: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment,
    extendedUsages: [ExtendedKeyUsage.clientAuth],
    names: { ips: [], dnsNames: [] },
    notBeforeMs: input.nowMs - clockSkewAllowanceMs,
    notAfterMs: input.nowMs + input.ttlMs,
  });
}

export type ServerCertificateInput = {
  ca: CertificatePair;
  ips: readonly string[];
  dnsNames: readonly string[];
  commonName: string;
  notBefore: Date;
  notAfter: Date;
  /** Default `ed25519`, as apid's; `ecdsa-p256` for a Kubernetes API server. */
  keyKind?: KeyKind;
};

/** A server certificate with the given names, for nodes that are simulated. */
export function mintServerCertificate(input: ServerCertificateInput): Promise<CertificatePair> {
  return signLeaf({
    ca: input.ca,
    keyKind: input.keyKind ?? "ed25519",
    subject: [{ CN: [input.commonName] }],
    usages: KeyUsageFlags.digitalSignature,
    extendedUsages: [ExtendedKeyUsage.serverAuth],
    names: input,
    notBeforeMs: input.notBefore.getTime(),
    notAfterMs: input.notAfter.getTime(),
  });
}
