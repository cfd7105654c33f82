import { randomBytes } from "node:crypto";
import { emitGoYaml, type YamlValue } from "@/lib/core/go-yaml";
import { AppError } from "@/lib/core/errors";
import { refuseOtherFile, refusePlainText } from "@/lib/core/file-kind/refuse";
import { markHint, markWords } from "@/lib/core/unrendered/marks";
import { unrenderedValues } from "@/lib/core/unrendered/values";
import { parseYaml } from "@/lib/core/yaml";
import { generateAuthority } from "@/lib/machine-config/pki";
import { certificateFromPem, keyFitsCertificate, privateKeyFromPem, talosKeyPem } from "@/lib/machine-config/pki-key";
import { newPrivateKey, type CertificatePair } from "@/lib/machine-config/pki-sign";
import { contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";
import { secretsBundle, type SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";

export const toBase64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
export const fromBase64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");

/** One of the bundle's authorities as PEM texts. */
export const bundleAuthority = (
  bundle: SecretsBundle,
  name: "etcd" | "k8s" | "k8saggregator" | "os",
): CertificatePair => ({
  certPem: fromBase64(bundle.certs[name].crt),
  keyPem: fromBase64(bundle.certs[name].key),
});

const tokenAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Characters of 0-9a-z without bias: bytes from 252 up are dropped (cfg/generate/secrets/utils.go). */
function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 252 && text.length < length) text += tokenAlphabet[byte % 36];
    }
  }
  return text;
}

const newToken = (): string => `${randomText(6)}.${randomText(16)}`;

export type GenerateSecretsInput = {
  contract: VersionContract;
  nowMs: number;
  /** Talos ≥ 1.7 makes RSA 4096, which takes a second or more; ECDSA, as before, is as good where only the time matters. */
  serviceAccountKey?: "rsa-4096" | "ecdsa-p256";
};

/** A new cluster's secrets, as `talosctl gen secrets` would make them. */
export async function generateSecretsBundle({
  contract,
  nowMs,
  serviceAccountKey = "rsa-4096",
}: GenerateSecretsInput): Promise<SecretsBundle> {
  const [etcd, k8s, aggregator, os, serviceAccount] = await Promise.all([
    generateAuthority({ kind: "ecdsa-p256", organization: "etcd", nowMs }),
    generateAuthority({ kind: "ecdsa-p256", organization: "kubernetes", nowMs }),
    generateAuthority({ kind: "ecdsa-p256", organization: null, nowMs }),
    generateAuthority({ kind: "ed25519", organization: "talos", nowMs }),
    newPrivateKey(serviceAccountKey),
  ]);
  const encoded = (pair: CertificatePair) => ({ crt: toBase64(pair.certPem), key: toBase64(pair.keyPem) });
  const id = randomBytes(32).toString("base64");
  return {
    // Up to 1.13 talosctl writes the identifier base64url with padding; nothing decodes it.
    cluster: {
      id: contractAtLeast(contract, "1.14") ? id : id.replaceAll("+", "-").replaceAll("/", "_"),
      secret: randomBytes(32).toString("base64"),
    },
    secrets: { bootstraptoken: newToken(), secretboxencryptionsecret: randomBytes(32).toString("base64") },
    trustdinfo: { token: newToken() },
    certs: {
      etcd: encoded(etcd),
      k8s: encoded(k8s),
      k8saggregator: encoded(aggregator),
      k8sserviceaccount: { key: toBase64(talosKeyPem(serviceAccount)) },
      os: encoded(os),
    },
  };
}

/** The bundle as YAML, in the order of `talosctl gen secrets`. Secret in every line. */
export function writeSecretsBundle(bundle: SecretsBundle): string {
  const { cluster, secrets, trustdinfo, certs } = bundle;
  const pair = ({ crt, key }: { crt: string; key: string }) => ({ crt, key });
  return emitGoYaml({
    cluster: { id: cluster.id, secret: cluster.secret },
    secrets: {
      bootstraptoken: secrets.bootstraptoken,
      aescbcencryptionsecret: secrets.aescbcencryptionsecret,
      secretboxencryptionsecret: secrets.secretboxencryptionsecret,
    },
    trustdinfo: { token: trustdinfo.token },
    certs: {
      etcd: pair(certs.etcd),
      k8s: pair(certs.k8s),
      k8saggregator: pair(certs.k8saggregator),
      k8sserviceaccount: { key: certs.k8sserviceaccount.key },
      os: pair(certs.os),
    },
  });
}

/**
 * Reads a bundle of `talosctl gen secrets` (also talhelper's talsecret.yaml) and checks that every key belongs to its certificate.
 *
 * @throws AppError `invalid-input` with a sentence per field; no value is ever quoted.
 */
export function parseSecretsBundle(yaml: string): SecretsBundle {
  refusePlainText(yaml, "secrets-bundle");
  return checkSecretsBundle(parseYaml(yaml, { what: "The secrets bundle", maxBytes: 256 * 1024 }));
}

/** As `parseSecretsBundle`, for values that are parsed already. */
export function checkSecretsBundle(value: YamlValue): SecretsBundle {
  refuseOtherFile([value], "secrets-bundle");
  const [unrendered] = unrenderedValues(value);
  if (unrendered) {
    const field = unrendered.path.join(".");
    throw new AppError(
      "invalid-input",
      `The secrets bundle is not filled in: at ${field} ${markWords(unrendered.mark)}.`,
      {
        fields: { [field]: `${markWords(unrendered.mark)}.` },
        hint: markHint(unrendered.mark),
      },
    );
  }
  if (
    JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? String(member) : member)).includes(
      '"******"',
    )
  ) {
    throw new AppError("invalid-input", "The secrets bundle is redacted: keys are replaced by ******.", {
      hint: "Take it from where it was generated, or import a control plane config that was read by an administrator.",
    });
  }
  const parsed = secretsBundle.safeParse(value);
  if (!parsed.success) {
    const fields = Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.join("."), fieldSentence(issue)]));
    throw new AppError(
      "invalid-input",
      `The secrets bundle is not complete or not well formed: ${Object.keys(fields).join(", ") || "it is empty"}.`,
      {
        fields,
        hint: "Expected is the file that talosctl gen secrets writes.",
      },
    );
  }
  checkPairs(parsed.data);
  return parsed.data;
}

// Only these kinds of sentences: zod's own may quote what it received.
const fieldSentence = (issue: { code: string; message: string }): string =>
  issue.code === "custom" || issue.code === "invalid_format"
    ? issue.message
    : issue.code === "unrecognized_keys"
      ? "Has unknown keys."
      : "Is missing or of the wrong kind.";

function checkPairs(bundle: SecretsBundle): void {
  const fields: Record<string, string> = {};
  for (const name of ["etcd", "k8s", "k8saggregator", "os"] as const) {
    const { certPem, keyPem } = bundleAuthority(bundle, name);
    try {
      if (!keyFitsCertificate(privateKeyFromPem(keyPem), certificateFromPem(certPem))) {
        fields[`certs.${name}.key`] = "Does not belong to the certificate beside it.";
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      fields[`certs.${name}`] = error.message;
    }
  }
  try {
    privateKeyFromPem(fromBase64(bundle.certs.k8sserviceaccount.key));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    fields["certs.k8sserviceaccount.key"] = error.message;
  }
  if (Object.keys(fields).length > 0) {
    throw new AppError(
      "invalid-input",
      `The secrets bundle holds certificates or keys that cannot be used: ${Object.keys(fields).join(", ")}.`,
      {
        fields,
        hint: "Take all of them from the same cluster.",
      },
    );
  }
}
