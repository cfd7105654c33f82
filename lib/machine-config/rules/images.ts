import { qualifiedNameProblem } from "@/lib/machine-config/check/kubernetes-names";
import { goUrlOrNull } from "@/lib/machine-config/check/go-url";
import { isReadableCertificate, pemLabels } from "@/lib/machine-config/check/pem";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { certificatePair } from "@/lib/machine-config/rules/kubernetes";
import { needsName, needsText } from "@/lib/machine-config/rules/names";
import type { Rule } from "@/lib/machine-config/rules/rule";

/* Registries, images and the container runtime: types/{cri,security}/*.go. */

export const registryAuth: Rule = (document) => {
  needsName(document);
  const has = (field: string) => document.text(field) !== "";
  if (has("username") && has("identityToken"))
    document.error("identityToken", "username and identityToken exclude each other.");
  if (has("auth") && (has("username") || has("identityToken")))
    document.error("auth", "auth, username and identityToken exclude each other.");
};

export const registryMirror: Rule = (document) => {
  needsName(document);
  for (const endpoint of document.items("endpoints")) {
    if (!needsText(endpoint, "url", "The URL is missing.")) continue;
    const url = goUrlOrNull(endpoint.text("url"));
    if (url && !/^https?$/.test(url.scheme))
      endpoint.error("url", "A URL that begins with https:// or http:// is wanted.");
  }
};

export const registryTls: Rule = (document) => {
  needsName(document);
  const ca = document.text("ca");
  if (ca !== "" && !(pemLabels(ca).includes("CERTIFICATE") && isReadableCertificate(ca)))
    document.error("ca", "A certificate in PEM is wanted.");
  if (document.has("clientIdentity")) certificatePair(document.at("clientIdentity"), false);
};

export const criCustomization: Rule = (document) => {
  const problem = qualifiedNameProblem(document.text("name"));
  if (problem !== null) document.error("name", problem);
};

function verifier(rule: ConfigView): void {
  const [skip, deny] = [rule.bool("skip") === true, rule.bool("deny") === true];
  const [keyless, publicKey] = [rule.has("keyless"), rule.has("publicKey")];
  if (skip && deny) rule.error("deny", "skip and deny exclude each other.");
  if ((skip || deny) && (keyless || publicKey))
    rule.error(keyless ? "keyless" : "publicKey", "It has no meaning with skip or deny.");
  if (!skip && !deny && !keyless && !publicKey) rule.error("", "keyless, publicKey, skip or deny is wanted.");
  if (keyless && publicKey) rule.error("publicKey", "keyless and publicKey exclude each other.");
  if (keyless) {
    needsText(rule, "keyless.issuer", "The issuer is missing.");
    if (rule.text("keyless.subject") === "" && rule.text("keyless.subjectRegex") === "")
      rule.error("keyless.subject", "subject or subjectRegex is wanted.");
  }
  if (publicKey) needsText(rule, "publicKey.certificate", "The key is missing.");
}

export const imageVerification: Rule = (document) => {
  for (const rule of document.items("rules")) {
    needsText(rule, "image", "The pattern of images is missing.");
    verifier(rule);
  }
};
