import { createPrivateKey, X509Certificate } from "node:crypto";

const block = /-----BEGIN ([^\n-]*)-----\s*\n(?:[A-Za-z0-9+/=\s]|[\w-]+:[^\n]*\n)*-----END \1-----/g;

/** Labels of the PEM blocks of a text, in order. */
export const pemLabels = (text: string): string[] => [...text.matchAll(block)].map((match) => match[1] ?? "");

/** Does the text hold PEM blocks, all of them certificates? */
export function isCertificates(text: string): boolean {
  const labels = pemLabels(text);
  return labels.length > 0 && labels.every((label) => label === "CERTIFICATE");
}

/** Can the first certificate be read? */
export function isReadableCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).serialNumber !== "";
  } catch {
    return false;
  }
}

/** Can the key be read? Talos writes Ed25519 keys with a label of their own around PKCS #8. */
export function isReadableKey(text: string): boolean {
  try {
    return createPrivateKey(text.replaceAll("ED25519 PRIVATE KEY", "PRIVATE KEY")).type === "private";
  } catch {
    return false;
  }
}
