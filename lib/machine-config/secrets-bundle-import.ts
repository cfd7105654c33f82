import type { YamlMap, YamlValue } from "@/lib/core/go-yaml";
import { AppError } from "@/lib/core/errors";
import { documentOfKind, legacyDocument, parseMachineConfig, valueAt } from "@/lib/machine-config/documents";
import { checkSecretsBundle, toBase64 } from "@/lib/machine-config/secrets-bundle";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";

type Pair = { crt: YamlValue; key: YamlValue };

const encoded = (value: YamlValue | undefined): YamlValue => (typeof value === "string" ? toBase64(value) : null);

/** A pair from a 1.14 document (raw PEM texts), else from the legacy field (base64). */
function pairOf(document: YamlMap | undefined, legacy: YamlValue | undefined): Pair {
  const issuing = document && valueAt(document, ["issuingCA"]);
  if (issuing !== undefined && issuing !== null) {
    return { crt: encoded(valueAt(issuing, ["cert"])), key: encoded(valueAt(issuing, ["key"])) };
  }
  return { crt: valueAt(legacy ?? null, ["crt"]) ?? null, key: valueAt(legacy ?? null, ["key"]) ?? null };
}

/** The first secretbox key of the first provider for secrets, as upstream reads it back (cfg/generate/secrets/bundle.go NewBundleFromConfig). */
function encryptionSecret(document: YamlMap | undefined, provider: "secretbox" | "aescbc"): YamlValue | undefined {
  const resources = document && valueAt(document, ["config", "resources"]);
  if (!Array.isArray(resources)) return undefined;
  for (const block of resources as YamlValue[]) {
    const providers = valueAt(block, ["providers"]);
    if (!Array.isArray(providers)) continue;
    for (const entry of providers as YamlValue[]) {
      const secret = valueAt(entry, [provider, "keys", 0, "secret"]);
      if (secret !== undefined) return secret;
    }
  }
  return undefined;
}

const orUndefined = (value: YamlValue | undefined): YamlValue | undefined =>
  value === null || value === "" ? undefined : value;

/**
 * The secrets of an existing cluster, out of a control plane node's machine config (any contract).
 *
 * @throws AppError `invalid-input` when the config is a worker's, redacted, or lacks a secret; no value is quoted.
 */
export function bundleFromControlplaneConfig(configYaml: string): SecretsBundle {
  const documents = parseMachineConfig(configYaml);
  const legacy = legacyDocument(documents);
  if (!legacy) throw new AppError("invalid-input", "This is not a machine config: it has no v1alpha1 document.");
  const at = (...path: string[]): YamlValue | undefined => valueAt(legacy, path);
  if (at("machine", "type") === "worker") {
    throw new AppError("invalid-input", "This is a worker's machine config, which does not hold the cluster's keys.", {
      hint: "Give the config of a control plane node.",
    });
  }
  const identity = documentOfKind(documents, "DiscoveryIdentityConfig");
  const encryption = documentOfKind(documents, "KubeEtcdEncryptionConfig");
  const serviceAccount = documentOfKind(documents, "KubeServiceAccountConfig");
  const privateKey = serviceAccount && valueAt(serviceAccount, ["issuer", "privateKey"]);
  return checkSecretsBundle({
    cluster: {
      id: (identity && valueAt(identity, ["clusterID"])) ?? at("cluster", "id") ?? null,
      secret: (identity && valueAt(identity, ["clusterSecret"])) ?? at("cluster", "secret") ?? null,
    },
    secrets: {
      bootstraptoken: at("cluster", "token") ?? null,
      aescbcencryptionsecret: orUndefined(
        encryptionSecret(encryption, "aescbc") ?? at("cluster", "aescbcEncryptionSecret"),
      ),
      secretboxencryptionsecret: orUndefined(
        encryptionSecret(encryption, "secretbox") ?? at("cluster", "secretboxEncryptionSecret"),
      ),
    },
    trustdinfo: { token: at("machine", "token") ?? null },
    certs: {
      etcd: pairOf(undefined, at("cluster", "etcd", "ca")),
      k8s: pairOf(documentOfKind(documents, "KubeAPIServerCAConfig"), at("cluster", "ca")),
      k8saggregator: pairOf(documentOfKind(documents, "KubeAggregatorCAConfig"), at("cluster", "aggregatorCA")),
      k8sserviceaccount: {
        key: privateKey === undefined ? (at("cluster", "serviceAccount", "key") ?? null) : encoded(privateKey),
      },
      os: pairOf(undefined, at("machine", "ca")),
    },
  });
}
