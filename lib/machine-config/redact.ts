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

function isNamedSecret(text: string, path: readonly string[], siblings: YamlMap | null): boolean {
  const key = path.at(-1) ?? "";
  if (secretKey.test(key) || holdsPrivateKey(text)) return true;
  return key === "key" && siblings !== null && ("crt" in siblings || "cert" in siblings);
}

/** A variable of a static pod or of a credential provider: its name and its value stand side by side. */
const isVariable = (path: readonly string[]): boolean => path.at(-1) === "value" && path.at(-3) === "env";

// Talos takes a whole config, or the secret to fetch one, as a kernel argument. Bounded, so that a long text without any takes no time.
const secretArgument = /([\w.-]{0,60}(?:token|secret|password|passphrase)|talos\.config\.(?:early|inline))=[^\s"']+/gi;

/** A text of kernel arguments without the values of those that name a secret. */
export const withoutSecretArguments = (text: string): string => text.replace(secretArgument, `$1=${redacted}`);

const userInfo = /([a-zA-Z][a-zA-Z0-9+.-]{0,30}:\/\/)[^/?#]*@/g;

/**
 * Credentials and queries of an address go (a SideroLink join token is one), also of one in a kernel argument, and so do
 * arguments that name a secret; the rest of it stays readable. Blanks do not end it: a patch could put one before the query.
 */
export function withoutCredentials(value: string): string {
  const text = withoutSecretArguments(value);
  const begin = text.indexOf("://");
  if (begin < 0) return text;
  const query = text.indexOf("?", begin);
  const fragment = query < 0 ? -1 : text.indexOf("#", query);
  const end = fragment < 0 ? text.length : fragment;
  const shown = query < 0 || end === query + 1 ? text : `${text.slice(0, query)}?${redacted}${text.slice(end)}`;
  return shown.replace(userInfo, `$1${redacted}@`);
}

/**
 * What a secret is replaced by; gets the document's path, `machine.ca.key` or `KubeServiceAccountConfig.issuer.privateKey`, and
 * whether the place is for secrets only (`named`), or for free text.
 */
export type Mask = (value: string, path: string, named: boolean) => string;

type Masking = { kind: string; label: string; as: Mask; elsewhere: ReadonlySet<string> };

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
  const named = isNamedSecret(text, ruled, siblings);
  if (named || isFreeText(ruled) || isVariable(ruled) || masking.elsewhere.has(text))
    return masking.as(text, (masking.kind === "" ? path : [masking.label, ...path]).join("."), named);
  return typeof value === "string" ? withoutCredentials(value) : value;
}

const nowhere: ReadonlySet<string> = new Set();

/**
 * The documents with every secret replaced. What Talos calls secret, and texts in which people put secrets (files, manifests, environments).
 *
 * @param elsewhere texts that are secret wherever they stand: a patch can copy one out of its place.
 */
export function redactDocuments(
  documents: readonly MachineConfigDocument[],
  as: Mask = () => redacted,
  elsewhere = nowhere,
): MachineConfigDocument[] {
  return documents.map((document) => {
    const id = documentId(document);
    const masked = mask(document, [], null, { kind: id.kind, label: documentLabel(id), as, elsewhere });
    return isYamlMap(masked) ? masked : {};
  });
}

/** Free texts that are shorter (`1`, `true`) stand in too many other places to be a secret there. */
const shortestFreeText = 8;

/** The secrets of a config, for `redactDocuments` of what was made from it. */
export function secretTexts(documents: readonly MachineConfigDocument[]): Set<string> {
  const texts = new Set<string>();
  redactDocuments(documents, (value, _path, named) => {
    if (named || value.length >= shortestFreeText) texts.add(value);
    return redacted;
  });
  return texts;
}

/**
 * A machine config that may be shown: secrets are `******`. Comments are lost, since they may hold anything.
 *
 * @param madeFrom the config that it was patched from, whose secrets it may hold in other places.
 * @throws AppError `invalid-input` for text that is no machine config.
 */
export const redactMachineConfig = (yaml: string, madeFrom: string = yaml): string =>
  encodeMachineConfig(
    redactDocuments(parseMachineConfig(yaml), () => redacted, secretTexts(parseMachineConfig(madeFrom))),
  );
