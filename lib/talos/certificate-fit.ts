import { createPrivateKey, X509Certificate } from "node:crypto";
import { AppError } from "@/lib/core/errors";
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
  const key = readKey(keyPem, where);
  if (!certificate.checkPrivateKey(key))
    throw new AppError("invalid-input", `${where}: key does not belong to the certificate in crt.`);
  if (!signedByAny(certificate, caPem))
    throw new AppError("invalid-input", `${where}: the certificate in crt was not signed by the CA in ca.`);
  const notBeforeMs = Date.parse(certificate.validFrom);
  const notAfterMs = Date.parse(certificate.validTo);
  if (nowMs > notAfterMs)
    throw new AppError("invalid-input", `${where}: the certificate expired on ${day(notAfterMs)}.`, {
      hint: "Get a fresh talosconfig, for example with talosctl config new from a machine that still has access.",
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
