import "reflect-metadata";
import { createPublicKey, webcrypto, X509Certificate as NodeCertificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { spkiFingerprint } from "@/lib/talos/probe";

x509.cryptoProvider.set(webcrypto as unknown as Crypto);

type Pair = { certificate: x509.X509Certificate; keys: CryptoKeyPair };
/** PEM of a certificate and its key; the key with Talos' own label. */
export type Identity = { certPem: string; keyPem: string; fingerprint: string };
export type Validity = { notBefore?: Date; notAfter?: Date };
export type Authority = { pem: string; pair: Pair };

const algorithm = { name: "Ed25519" };
const hourMs = 3_600_000;
const newKeys = async () =>
  (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as unknown as CryptoKeyPair;

const validity = ({ notBefore, notAfter }: Validity) => ({
  notBefore: notBefore ?? new Date(Date.now() - hourMs),
  notAfter: notAfter ?? new Date(Date.now() + 24 * hourMs),
});

/** A self-signed Ed25519 CA as Talos makes its OS CA; null = without a name, as the one of maintenance mode is. */
export async function mintAuthority(organization: string | null = "talos", dates: Validity = {}): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: organization === null ? "" : `O=${organization}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity(dates),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      // Go adds it to every CA; without it OpenSSL cannot choose between two CAs of one name.
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { pem: certificate.toString("pem"), pair: { certificate, keys } };
}

async function issue(
  authority: Authority,
  subject: string,
  extensions: x509.Extension[],
  dates: Validity,
): Promise<Identity> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: authority.pair.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.pair.keys.privateKey,
    signingAlgorithm: algorithm,
    ...validity(dates),
    extensions: [...extensions, await x509.AuthorityKeyIdentifierExtension.create(authority.pair.keys.publicKey)],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey as webcrypto.CryptoKey)).toString(
    "base64",
  );
  const certPem = certificate.toString("pem");
  return {
    certPem,
    keyPem: `-----BEGIN ED25519 PRIVATE KEY-----\n${pkcs8}\n-----END ED25519 PRIVATE KEY-----\n`,
    fingerprint: spkiFingerprint(new NodeCertificate(certPem)),
  };
}

/** A node's certificate. By default good for 127.0.0.1 and `node-1`. */
export function mintServer(
  authority: Authority,
  {
    ips = ["127.0.0.1"],
    names = ["node-1"],
    commonName = "node-1",
    ...dates
  }: Validity & { ips?: string[]; names?: string[]; commonName?: string } = {},
): Promise<Identity> {
  const alternatives = [
    ...ips.map((value) => ({ type: "ip" as const, value })),
    ...names.map((value) => ({ type: "dns" as const, value })),
  ];
  return issue(
    authority,
    `CN=${commonName}`,
    [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
    ],
    dates,
  );
}

/** A client certificate: one O per role, EKU clientAuth only; `usages` for others, none for none at all, as early releases made them. */
export function mintClient(
  authority: Authority,
  {
    roles = ["os:reader"],
    usages = [x509.ExtendedKeyUsage.clientAuth],
    ...dates
  }: Validity & { roles?: string[]; usages?: string[] } = {},
): Promise<Identity> {
  const subject = roles.map((role) => `O=${role}`).join(",");
  const extensions =
    usages.length === 0
      ? [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)]
      : [new x509.ExtendedKeyUsageExtension(usages)];
  return issue(authority, subject, extensions, dates);
}

/** mTLS credentials as the client wants them. */
export const credentialsOf = (authority: Authority, client: Identity) => ({
  kind: "mtls" as const,
  caPem: authority.pem,
  certPem: client.certPem,
  keyPem: client.keyPem,
});

/** The kind of a PEM public key, for assertions. */
export const keyType = (certPem: string) => createPublicKey(certPem).asymmetricKeyType;
