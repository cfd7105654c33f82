import { createPrivateKey, X509Certificate } from "node:crypto";
import { AppError } from "@/lib/core/errors";
import { ownEntry } from "@/lib/core/own-entry";
import { toNodeKeyPem } from "@/lib/talos/pem";

const day = (time: string | number) => new Date(time).toISOString().slice(0, 16).replace("T", " ") + " UTC";

/** Reads a PEM certificate; `what` names it in the sentence. */
export function readPemCertificate(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new AppError("invalid-input", `${what} is not a certificate.`);
  }
}

/** The roles that a client certificate carries: Talos puts each into an O of the subject. */
export function rolesOf(certificate: X509Certificate): string[] {
  // Node gives no text at all for a subject without parts, whatever its types say.
  const subject: string | undefined = certificate.subject;
  return (subject ?? "")
    .split("\n")
    .filter((part) => part.startsWith("O="))
    .map((part) => part.slice(2));
}

const freshTalosconfig =
  "Get a fresh talosconfig, for example with talosctl config new from a machine that still has access.";

export type ClientIdentity = { roles: string[]; notBeforeMs: number; notAfterMs: number; caNotAfterMs: number };

/**
 * Checks that CA, client certificate and key are what they should be and fit together at `nowMs`. Throws AppError("invalid-input") with
 * the one thing that is wrong. `where` begins the sentences: `Context “home”`.
 */
export function checkIdentity(
  { caPem, certPem, keyPem }: { caPem: string; certPem: string; keyPem: string },
  where: string,
  nowMs: number,
): ClientIdentity {
  const ca = readPemCertificate(caPem, `${where}: ca`);
  const certificate = readPemCertificate(certPem, `${where}: crt`);
  if (certificate.ca && certificate.fingerprint256 === ca.fingerprint256)
    throw new AppError("invalid-input", `${where}: crt holds the CA itself in place of a client certificate.`, {
      hint: freshTalosconfig,
    });
  const key = readKey(keyPem, where);
  if (!certificate.checkPrivateKey(key))
    throw new AppError("invalid-input", `${where}: key does not belong to the certificate in crt.`, {
      hint: freshTalosconfig,
    });
  if (!signedByAny(certificate, caPem))
    throw new AppError("invalid-input", `${where}: the certificate in crt was not signed by the CA in ca.`, {
      hint: freshTalosconfig,
    });
  const notBeforeMs = Date.parse(certificate.validFrom);
  const notAfterMs = Date.parse(certificate.validTo);
  if (nowMs > notAfterMs)
    throw new AppError("invalid-input", `${where}: the certificate expired on ${day(notAfterMs)}.`, {
      hint: freshTalosconfig,
    });
  if (nowMs < notBeforeMs)
    throw new AppError(
      "invalid-input",
      `${where}: the certificate is valid only from ${day(notBeforeMs)}; the clock here says ${day(nowMs)}.`,
      {
        hint: "Set the clock of this machine by NTP.",
      },
    );
  return { roles: rolesOf(certificate), notBeforeMs, notAfterMs, caNotAfterMs: Date.parse(ca.validTo) };
}

/** The uses that a certificate may be put to, for a sentence. */
const usageNames: Record<string, string> = {
  "1.3.6.1.5.5.7.3.1": "server authentication",
  "1.3.6.1.5.5.7.3.3": "code signing",
  "1.3.6.1.5.5.7.3.4": "e-mail",
  "2.5.29.37.0": "any use",
};
const clientAuthentication = "1.3.6.1.5.5.7.3.2";

/**
 * Refuses a client certificate whose extended key usage is not client authentication alone: apid compares the list for equality
 * (internal/app/apid/service.go; always since 1.12, before that where `apidCheckExtKeyUsage` is set).
 *
 * @throws AppError `invalid-input`
 */
export function checkClientUsage(certPem: string, where: string): void {
  // Node gives nothing for a certificate without the extension, whatever its types say.
  const usages = (readPemCertificate(certPem, `${where}: crt`).keyUsage as string[] | undefined) ?? [];
  if (usages.length === 1 && usages[0] === clientAuthentication) return;
  const others = usages
    .filter((usage) => usage !== clientAuthentication)
    .map((usage) => ownEntry(usageNames, usage) ?? usage);
  const message = usages.includes(clientAuthentication)
    ? `${where}: the certificate in crt is made for more than clients (${others.join(", ")}), and Talos takes none but those for clients alone.`
    : `${where}: the certificate in crt is not made for clients: its usage lacks client authentication, which Talos enforces since 1.12.`;
  throw new AppError("invalid-input", message, { hint: freshTalosconfig });
}

function readKey(keyPem: string, where: string) {
  try {
    return createPrivateKey(toNodeKeyPem(keyPem));
  } catch {
    throw new AppError("invalid-input", `${where}: key is not a private key.`);
  }
}

/** During a CA rotation `ca` is a bundle: any of its certificates may be the signer. */
function signedByAny(certificate: X509Certificate, bundlePem: string): boolean {
  const blocks = bundlePem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.some((block) => {
    const issuer = readPemCertificate(block, "ca");
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  });
}
