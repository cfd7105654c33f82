import { createPrivateKey, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { inspect } from "node:util";
import { AppError } from "@/lib/core/errors";
import { generateMachineConfigText } from "@/lib/machine-config/generate";
import { versionContracts } from "@/lib/machine-config/schema";
import {
  bundleAuthority,
  fromBase64,
  generateSecretsBundle,
  parseSecretsBundle,
  writeSecretsBundle,
} from "@/lib/machine-config/secrets-bundle";
import { bundleFromControlplaneConfig } from "@/lib/machine-config/secrets-bundle-import";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";

let bundle: SecretsBundle;
beforeAll(async () => {
  bundle = await generateSecretsBundle({ contract: "1.13", nowMs: Date.now(), serviceAccountKey: "ecdsa-p256" });
});

test("a new bundle has Talos' shape, kinds of keys and order", () => {
  const text = writeSecretsBundle(bundle);
  expect(
    text
      .match(/^ *[a-z0-9]+:/gm)
      ?.map((key) => key.trim())
      .join(" "),
  ).toBe(
    "cluster: id: secret: secrets: bootstraptoken: secretboxencryptionsecret: trustdinfo: token: certs: " +
      "etcd: crt: key: k8s: crt: key: k8saggregator: crt: key: k8sserviceaccount: key: os: crt: key:",
  );
  expect(bundleAuthority(bundle, "os").keyPem).toMatch(/^-----BEGIN ED25519 PRIVATE KEY-----\n/);
  expect(new X509Certificate(bundleAuthority(bundle, "k8s").certPem).subject).toBe("O=kubernetes");
  expect(bundle.secrets.bootstraptoken).toMatch(/^[0-9a-z]{6}\.[0-9a-z]{16}$/);
  expect(bundle.cluster.id).toMatch(/^[A-Za-z0-9_-]{43}=$/);
  expect(Buffer.from(bundle.cluster.secret, "base64")).toHaveLength(32);
});

// Minutes for a machine that does much else at once: finding the primes is luck.
test("the service account's key is RSA 4096 unless asked otherwise", { timeout: 180_000 }, async () => {
  const { certs } = await generateSecretsBundle({ contract: "1.14", nowMs: Date.now() });
  const pem = fromBase64(certs.k8sserviceaccount.key);
  expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
  expect(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength).toBe(4096);
});

test("what is written is read back", () => {
  expect(parseSecretsBundle(writeSecretsBundle(bundle))).toEqual(bundle);
});

test.each(versionContracts)("a control plane's config of contract %s gives its secrets back", (contract) => {
  const cluster = { name: "c", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.34.1" };
  const text = generateMachineConfigText({ bundle, cluster, role: "controlplane", contract });
  expect(bundleFromControlplaneConfig(text)).toEqual(bundle);
});

function refusalOf(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

describe("refusals name the place and never the value", () => {
  test("a worker's config", () => {
    const cluster = { name: "c", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.34.1" };
    const text = generateMachineConfigText({ bundle, cluster, role: "worker", contract: "1.14" });
    expect(refusalOf(() => bundleFromControlplaneConfig(text)).message).toContain("worker's machine config");
  });

  test("a missing part", () => {
    const text = writeSecretsBundle(bundle).replace(/trustdinfo:\n.*\n/, "");
    const error = refusalOf(() => parseSecretsBundle(text));
    expect(error.fields).toEqual({ trustdinfo: "Is missing or of the wrong kind." });
    expect(inspect(error)).not.toContain(bundle.certs.os.key);
  });

  test("a key of another authority", () => {
    const mixed: SecretsBundle = {
      ...bundle,
      certs: { ...bundle.certs, etcd: { ...bundle.certs.etcd, key: bundle.certs.k8s.key } },
    };
    const error = refusalOf(() => parseSecretsBundle(writeSecretsBundle(mixed)));
    expect(error.fields).toEqual({ "certs.etcd.key": "Does not belong to the certificate beside it." });
    expect(inspect(error)).not.toContain(bundle.certs.k8s.key);
  });

  test("both encryption secrets, and none", () => {
    const both = { ...bundle.secrets, aescbcencryptionsecret: bundle.secrets.secretboxencryptionsecret };
    expect(
      refusalOf(() => parseSecretsBundle(writeSecretsBundle({ ...bundle, secrets: both }))).fields?.secrets,
    ).toContain("Exactly one");
    const none = { bootstraptoken: bundle.secrets.bootstraptoken };
    expect(
      refusalOf(() => parseSecretsBundle(writeSecretsBundle({ ...bundle, secrets: none }))).fields?.secrets,
    ).toContain("Exactly one");
  });

  test("redacted and encrypted files", () => {
    const redacted: SecretsBundle = {
      ...bundle,
      certs: { ...bundle.certs, os: { ...bundle.certs.os, key: "******" } },
    };
    expect(refusalOf(() => parseSecretsBundle(writeSecretsBundle(redacted))).message).toContain("redacted");
    expect(refusalOf(() => parseSecretsBundle(`${writeSecretsBundle(bundle)}sops:\n    age: []\n`)).message).toContain(
      "SOPS",
    );
  });

  test("an empty file", () => {
    expect(refusalOf(() => parseSecretsBundle("")).code).toBe("invalid-input");
  });
});
