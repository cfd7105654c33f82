import { createPrivateKey } from "node:crypto";
import { AppError } from "@/lib/core/errors";

/**
 * Talos labels its PKCS#8 keys `ED25519 PRIVATE KEY`; OpenSSL refuses that label and wants `PRIVATE KEY`
 * (seen with Node 20.20 and OpenSSL 3.0). The bytes between are the same.
 */
export function toNodeKeyPem(pem: string): string {
  return pem.replace(/-----(BEGIN|END) ED25519 PRIVATE KEY-----/g, "-----$1 PRIVATE KEY-----");
}

/** The label that talosctl writes for an Ed25519 key; keys of other kinds stay as they are. */
export function toTalosKeyPem(pem: string): string {
  if (createPrivateKey(toNodeKeyPem(pem)).asymmetricKeyType !== "ed25519") return pem;
  return pem.replace(/-----(BEGIN|END) PRIVATE KEY-----/g, "-----$1 ED25519 PRIVATE KEY-----");
}

/** base64 of PEM, as talosconfig and machine configs hold it, on one line. */
export const encodePem = (pem: string): string => Buffer.from(pem, "utf8").toString("base64");

/** Undoes `encodePem`. `what` names the field in the sentence of the AppError("invalid-input"). */
export function decodePem(base64: string, what: string): string {
  const compact = base64.replace(/\s+/g, "");
  if (compact === "") throw new AppError("invalid-input", `${what} is missing.`);
  if (compact.length % 4 === 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact))
    throw new AppError("invalid-input", `${what} is not valid base64.`);
  const pem = Buffer.from(compact, "base64").toString("utf8");
  if (!pem.includes("-----BEGIN ")) throw new AppError("invalid-input", `${what} is base64, but holds no PEM block.`);
  return pem;
}
