import { isYamlSequence, type YamlMap, type YamlValue } from "@/lib/core/go-yaml";
import {
  documentId,
  documentLabel,
  encodeMachineConfig,
  isYamlMap,
  parseMachineConfig,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";

/** Talos' own marker for what was taken out. */
export const redacted = "******";

// Whatever the document, a text under one of these keys is a secret; so are the names of new ones that end like them.
const secretKey =
  /^(?:token|secret|password|passphrase|auth|authorization)$|(?:token|secret|password|passphrase|privatekey|presharedkey|apikey)$/i;

// Texts that people fill with anything, credentials included; `*` is any key or index.
const freeTextPaths = [
  "machine.files.*.content",
  "machine.env.*",
  "cluster.inlineManifests.*.contents",
  "cluster.extraManifestHeaders.*",
  "cluster.apiServer.env.*",
  "cluster.controllerManager.env.*",
  "cluster.scheduler.env.*",
  "ExtensionServiceConfig.configFiles.*.content",
  "ExtensionServiceConfig.environment.*",
  "ContainerConfig.environment.*",
  "EnvironmentConfig.variables.*",
  "EtcFileConfig.contents",
  "CRICustomizationConfig.content",
  "KubeInlineManifestConfig.manifest",
  "KubeInlineManifestConfig.contents",
  "KubeExternalManifestConfig.headers.*",
  "KubeExternalManifestConfig.extraHeaders.*",
  "KubeAPIServerConfig.env.*",
  "KubeControllerManagerConfig.env.*",
  "KubeSchedulerConfig.env.*",
  ...["machine.pods.*", "KubeStaticPodConfig.pod"].flatMap((pod) =>
    ["containers", "initContainers"].map((list) => `${pod}.spec.${list}.*.env.*.value`),
  ),
].map((path) => path.split("."));

const isFreeText = (path: readonly string[]): boolean =>
  freeTextPaths.some(
    (rule) => rule.length === path.length && rule.every((step, index) => step === "*" || step === path[index]),
  );

function holdsPrivateKey(text: string): boolean {
  if (text.includes("PRIVATE KEY-----")) return true;
  if (!/^LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]*$/.test(text)) return false;
  return Buffer.from(text, "base64").toString("latin1").includes("PRIVATE KEY-----");
}

function isSecret(text: string, path: readonly string[], siblings: YamlMap | null): boolean {
  const key = path.at(-1) ?? "";
  if (secretKey.test(key) || isFreeText(path) || holdsPrivateKey(text)) return true;
  return key === "key" && siblings !== null && ("crt" in siblings || "cert" in siblings);
}

// Bounded at the front, so that a long text without any takes no time.
const credentials = /([a-zA-Z][a-zA-Z0-9+.-]{0,30}:\/\/)[^/?#@\s"']+@/g;
const query = /([a-zA-Z][a-zA-Z0-9+.-]{0,30}:\/\/[^?#\s"']*)\?[^#\s"']+/g;
// Talos takes a whole config, or the secret to fetch one, as a kernel argument.
const secretArgument = /([\w.-]{0,60}(?:token|secret|password|passphrase)|talos\.config\.(?:early|inline))=[^\s"']+/gi;

/**
 * Credentials and queries of addresses go, wherever in a text they are (a SideroLink join token is one, in a kernel argument too), and so
 * do arguments that name a secret; the rest of it stays readable.
 */
export const withoutCredentials = (text: string): string =>
  text
    .replace(credentials, `$1${redacted}@`)
    .replace(query, `$1?${redacted}`)
    .replace(secretArgument, `$1=${redacted}`);

/** What a secret is replaced by; gets the document's path, `machine.ca.key` or `KubeServiceAccountConfig.issuer.privateKey`. */
export type Mask = (value: string, path: string) => string;

type Masking = { kind: string; label: string; as: Mask };

function mask(value: YamlValue, path: string[], siblings: YamlMap | null, masking: Masking): YamlValue {
  if (isYamlSequence(value)) return value.map((item, index) => mask(item, [...path, String(index)], null, masking));
  if (isYamlMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, mask(member ?? null, [...path, key], value, masking)]),
    );
  }
  const text = value === null ? "" : String(value);
  if (text === "" || typeof value === "boolean" || text === redacted) return value;
  const ruled = masking.kind === "" ? path : [masking.kind, ...path];
  if (isSecret(text, ruled, siblings))
    return masking.as(text, (masking.kind === "" ? path : [masking.label, ...path]).join("."));
  return typeof value === "string" ? withoutCredentials(value) : value;
}

/** The documents with every secret replaced. What Talos calls secret, and texts in which people put secrets (files, manifests, environments). */
export function redactDocuments(
  documents: readonly MachineConfigDocument[],
  as: Mask = () => redacted,
): MachineConfigDocument[] {
  return documents.map((document) => {
    const id = documentId(document);
    const masked = mask(document, [], null, { kind: id.kind, label: documentLabel(id), as });
    return isYamlMap(masked) ? masked : {};
  });
}

/**
 * A machine config that may be shown: secrets are `******`. Comments are lost, since they may hold anything.
 *
 * @throws AppError `invalid-input` for text that is no machine config.
 */
export const redactMachineConfig = (yaml: string): string =>
  encodeMachineConfig(redactDocuments(parseMachineConfig(yaml)));
