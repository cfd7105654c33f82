import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { generateAuthority } from "@/lib/machine-config/pki";
import { keyFitsCertificate, privateKeyFromPem, standardKeyPem, talosKeyPem } from "@/lib/machine-config/pki-key";
import {
  mintClientCertificate,
  mintKubernetesClientCertificate,
  mintServerCertificate,
} from "@/lib/machine-config/pki-leaf";
import type { CertificatePair } from "@/lib/machine-config/pki-sign";

const nowMs = Date.now();
const hourMs = 3_600_000;
let os: CertificatePair;
let etcd: CertificatePair;
let aggregator: CertificatePair;

beforeAll(async () => {
  os = await generateAuthority({ kind: "ed25519", organization: "talos", nowMs });
  etcd = await generateAuthority({ kind: "ecdsa-p256", organization: "etcd", nowMs });
  aggregator = await generateAuthority({ kind: "ecdsa-p256", organization: null, nowMs });
});

const folder = mkdtempSync(path.join(tmpdir(), "pki-"));
afterAll(() => rmSync(folder, { recursive: true }));

function openssl(pem: string, ...args: string[]): string {
  return execFileSync("openssl", ["x509", "-noout", ...args], { input: pem }).toString();
}

describe("authorities", () => {
  test("have Talos' subjects, key labels and ten years", () => {
    expect(new X509Certificate(os.certPem).subject).toBe("O=talos");
    expect(new X509Certificate(etcd.certPem).issuer).toBe("O=etcd");
    expect(new X509Certificate(aggregator.certPem).subject ?? "").toBe("");
    expect(os.keyPem).toMatch(/^-----BEGIN ED25519 PRIVATE KEY-----\n[^]*-----END ED25519 PRIVATE KEY-----\n$/);
    expect(etcd.keyPem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
    const { validFrom, validTo } = new X509Certificate(os.certPem);
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(87_600 * hourMs);
  });

  test("have the extensions in the order of siderolabs/crypto", () => {
    const text = openssl(os.certPem, "-text");
    expect(text.match(/X509v3 [A-Z][^:\n]*: ?(?:critical)?/g)?.map((line) => line.trim())).toEqual([
      "X509v3 Key Usage: critical",
      "X509v3 Extended Key Usage:",
      "X509v3 Basic Constraints: critical",
      "X509v3 Subject Key Identifier:",
    ]);
    expect(text).toContain("Digital Signature, Certificate Sign");
    expect(text).toContain("CA:TRUE\n");
  });

  test("keys survive Talos' label and back", () => {
    expect(talosKeyPem(privateKeyFromPem(os.keyPem))).toBe(os.keyPem);
    expect(standardKeyPem(os.keyPem)).toContain("-----BEGIN PRIVATE KEY-----");
    expect(keyFitsCertificate(privateKeyFromPem(os.keyPem), new X509Certificate(os.certPem))).toBe(true);
    expect(keyFitsCertificate(privateKeyFromPem(os.keyPem), new X509Certificate(etcd.certPem))).toBe(false);
  });
});

describe("client certificates", () => {
  test("carry the sorted roles in one RDN, exactly clientAuth, and start a little before now", async () => {
    const ttlMs = hourMs;
    const { certPem } = await mintClientCertificate({
      caCertPem: os.certPem,
      caKeyPem: os.keyPem,
      roles: ["os:reader", "os:operator"],
      ttlMs,
      nowMs,
    });
    const certificate = new X509Certificate(certPem);
    expect(openssl(certPem, "-subject", "-nameopt", "oneline").trim()).toBe("subject=O = os:operator + O = os:reader");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.ca).toBe(false);
    expect(certificate.verify(new X509Certificate(os.certPem).publicKey)).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(nowMs - 60_000);
    expect(Date.parse(certificate.validTo)).toBe(Math.floor((nowMs + ttlMs) / 1000) * 1000);
  });

  test("pass openssl's check as a TLS client and not as a TLS server", async () => {
    const { certPem } = await mintClientCertificate({
      caCertPem: os.certPem,
      caKeyPem: os.keyPem,
      roles: ["os:admin"],
      ttlMs: hourMs,
      nowMs,
    });
    const [caFile, leafFile] = [path.join(folder, "ca.pem"), path.join(folder, "leaf.pem")];
    writeFileSync(caFile, os.certPem);
    writeFileSync(leafFile, certPem);
    const verify = (purpose: string) =>
      execFileSync("openssl", ["verify", "-purpose", purpose, "-CAfile", caFile, leafFile], { stdio: "pipe" });
    expect(verify("sslclient").toString()).toContain("OK");
    expect(() => verify("sslserver")).toThrow();
  });

  test("for Kubernetes name the group and the user", async () => {
    const { certPem } = await mintKubernetesClientCertificate({
      ca: etcd,
      commonName: "admin",
      organization: "system:masters",
      ttlMs: hourMs,
      nowMs,
    });
    expect(new X509Certificate(certPem).subject).toBe("O=system:masters\nCN=admin");
  });

  test.each([
    ["no role", [] as string[], "at least one role"],
    ["the nodes' own role", ["os:impersonator"], "never given to a client"],
  ])("are refused for %s", async (_, roles, sentence) => {
    await expect(
      mintClientCertificate({ caCertPem: os.certPem, caKeyPem: os.keyPem, roles, ttlMs: hourMs, nowMs }),
    ).rejects.toThrow(sentence);
  });

  test("are refused by an authority whose key is another's, without quoting it", async () => {
    const wrong = mintClientCertificate({
      caCertPem: os.certPem,
      caKeyPem: etcd.keyPem,
      roles: ["os:reader"],
      ttlMs: hourMs,
      nowMs,
    });
    await expect(wrong).rejects.toThrow("does not belong to its certificate");
    const broken = mintClientCertificate({
      caCertPem: os.certPem,
      caKeyPem: "secret-text",
      roles: ["os:reader"],
      ttlMs: hourMs,
      nowMs,
    });
    const error: unknown = await broken.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect(inspect(error)).not.toContain("secret-text");
  });
});

const validity = { notBefore: new Date(nowMs - 60_000), notAfter: new Date(nowMs + hourMs) };

/** A TLS server that wants a client certificate of `clientCa`; resolves with what it saw of the client, or rejects. */
async function handshake(server: CertificatePair, client: CertificatePair | null, serverCa: string, clientCa: string) {
  const listener = tls.createServer({
    cert: server.certPem,
    key: standardKeyPem(server.keyPem),
    ca: clientCa,
    requestCert: true,
    rejectUnauthorized: true,
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  try {
    const seen = new Promise<string | undefined>((resolve, reject) => {
      listener.once("secureConnection", (socket) => resolve(socket.getPeerX509Certificate()?.subject));
      listener.once("tlsClientError", reject);
    });
    const options = client ? { cert: client.certPem, key: standardKeyPem(client.keyPem) } : {};
    const socket = tls.connect({ host: "127.0.0.1", port: address.port, ca: serverCa, ...options });
    const failed = new Promise<never>((_, reject) => socket.once("error", reject));
    try {
      return await Promise.race([seen, failed]);
    } finally {
      failed.catch(() => undefined);
      seen.catch(() => undefined);
      socket.destroy();
    }
  } finally {
    listener.close();
  }
}

describe("handshakes", () => {
  const serverNames = { ips: ["127.0.0.1", "fd00::1"], dnsNames: ["node-1"], commonName: "node-1" };

  test("mutual TLS by address, both sides from the same authority", async () => {
    const server = await mintServerCertificate({ ca: os, ...serverNames, ...validity });
    const client = await mintClientCertificate({
      caCertPem: os.certPem,
      caKeyPem: os.keyPem,
      roles: ["os:admin"],
      ttlMs: hourMs,
      nowMs,
    });
    expect(await handshake(server, client, os.certPem, os.certPem)).toBe("O=os:admin");
  });

  test("a client of another authority, and a server without the address, are refused", async () => {
    const rogue = await generateAuthority({ kind: "ed25519", organization: "talos", nowMs });
    const server = await mintServerCertificate({ ca: os, ...serverNames, ...validity });
    const stranger = await mintClientCertificate({
      caCertPem: rogue.certPem,
      caKeyPem: rogue.keyPem,
      roles: ["os:admin"],
      ttlMs: hourMs,
      nowMs,
    });
    await expect(handshake(server, stranger, os.certPem, os.certPem)).rejects.toThrow();
    const elsewhere = await mintServerCertificate({ ca: os, ...serverNames, ips: ["10.0.0.1"], ...validity });
    const client = await mintClientCertificate({
      caCertPem: os.certPem,
      caKeyPem: os.keyPem,
      roles: ["os:admin"],
      ttlMs: hourMs,
      nowMs,
    });
    await expect(handshake(elsewhere, client, os.certPem, os.certPem)).rejects.toThrow("127.0.0.1");
  });

  test("a Kubernetes server certificate is ECDSA; one of maintenance mode has an authority without a name", async () => {
    const kubernetes = await mintServerCertificate({ ca: etcd, ...serverNames, ...validity, keyKind: "ecdsa-p256" });
    expect(new X509Certificate(kubernetes.certPem).publicKey.asymmetricKeyType).toBe("ec");
    const ca = await generateAuthority({ kind: "ed25519", organization: null, nowMs });
    const maintenance = await mintServerCertificate({
      ca,
      ...serverNames,
      commonName: "maintenance-service",
      ...validity,
    });
    const certificate = new X509Certificate(maintenance.certPem);
    expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
    expect([certificate.subject, certificate.issuer || null]).toEqual(["CN=maintenance-service", null]);
    expect(certificate.subjectAltName).toBe("DNS:node-1, IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:1");
  });
});
