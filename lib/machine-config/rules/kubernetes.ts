import { isSubdomain } from "@/lib/machine-config/check/kubernetes-names";
import { isSubnetOrAddress } from "@/lib/machine-config/check/go-net";
import { endpointProblem, goUrlOrNull } from "@/lib/machine-config/check/go-url";
import { isCertificates, isReadableCertificate, isReadableKey, pemLabels } from "@/lib/machine-config/check/pem";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { needsName, needsText } from "@/lib/machine-config/rules/names";
import { nodeMetadata } from "@/lib/machine-config/rules/node-metadata";
import type { Rule } from "@/lib/machine-config/rules/rule";

/* Documents of Kubernetes (1.14 and later): types/k8s/*.go. */

/** Fields of the kubelet's own config that Talos sets (pkg/machinery/kubelet). */
export const reservedKubeletKeys = new Set(
  (
    "apiVersion authentication authorization cgroupRoot kind kubeletCgroups port protectKernelDefaults resolvConf " +
    "rotateCertificates systemCgroups staticPodPath seccompDefault"
  ).split(" "),
);

export function kubeletKeys(config: ConfigView): void {
  for (const [key, member] of config.members())
    if (reservedKubeletKeys.has(key)) member.error("", "Talos sets this field of the kubelet itself.");
}

function resources(document: ConfigView): void {
  for (const part of ["resources.requests", "resources.limits"])
    for (const [key, member] of document.members(part))
      if (key !== "cpu" && key !== "memory") member.error("", "Only cpu and memory can be given.");
}

const needsImage = (document: ConfigView) => needsText(document, "image", "The image is missing.");

/** A part of the control plane that may be switched off; then nothing else counts. */
const component: Rule = (document) => {
  if (document.bool("enabled") === false) return;
  needsImage(document);
  resources(document);
};
export const controllerManager = component;
export const scheduler = component;

const deniedArgs: readonly (readonly [prefix: string, instead: string])[] = [
  ["anonymous-auth", "KubeAuthenticationConfig"],
  ["oidc-", "KubeAuthenticationConfig"],
  ["authentication-config", "KubeAuthenticationConfig"],
  ["authorization-config", "KubeAuthorizerConfig"],
  ["authorization-mode", "KubeAuthorizerConfig"],
  ["authorization-webhook-", "KubeAuthorizerConfig"],
];

export const apiServer: Rule = (document) => {
  needsImage(document);
  for (const [key, member] of document.members("extraArgs")) {
    const denied = deniedArgs.find(([prefix]) => key.startsWith(prefix));
    if (denied) member.error("", `This argument is not allowed; use ${denied[1]}.`);
  }
  resources(document);
};

export const proxy: Rule = (document) => {
  if (document.bool("enabled") === false) return;
  needsImage(document);
  const mode = document.text("mode");
  if (mode === "iptables" || mode === "ipvs") document.warning("mode", "nftables is the mode to use.");
  else if (mode !== "" && mode !== "nftables") document.error("mode", "nftables, iptables or ipvs is wanted.");
  if (document.at("extraArgs").filled) document.warning("extraArgs", "They may not work as expected; use config.");
  resources(document);
};

export const kubelet: Rule = (document) => {
  needsImage(document);
  kubeletKeys(document.at("config"));
};

export const node: Rule = (document) => {
  for (const subnet of document.items("nodeIP.validSubnets"))
    if (!isSubnetOrAddress(subnet.value.replace(/^!/, ""))) subnet.error("", "A network or an address is wanted.");
  nodeMetadata(document.at("labels"), document.at("annotations"), document.at("taints"));
};

export const cluster: Rule = (document) => {
  needsText(document, "clusterName", "The name of the cluster is missing.");
  if (!needsText(document, "endpoint", "The address of the cluster's API server is missing.")) return;
  const problem = endpointProblem(document.text("endpoint"));
  if (problem !== null) document.error("endpoint", `Talos refuses the address: ${problem}.`);
};

function acceptedCertificates(document: ConfigView): void {
  for (const certificate of document.items("acceptedCAs"))
    if (!isCertificates(certificate.value)) certificate.error("", "A certificate in PEM is wanted.");
}

/** `loads`: certificate and key are read, too. */
export function certificatePair(pair: ConfigView, loads: boolean): void {
  const [cert, key] = [pair.text("cert"), pair.text("key")];
  if (cert === "") pair.error("cert", "The certificate is missing.");
  else if (!isCertificates(cert) || (loads && !isReadableCertificate(cert)))
    pair.error("cert", "A certificate in PEM is wanted.");
  if (key === "") pair.error("key", "The key is missing.");
  else if (pemLabels(key).length === 0 || (loads && !isReadableKey(key)))
    pair.error("key", "A private key in PEM is wanted.");
}

export const apiServerCa: Rule = (document) => {
  if (document.has("issuingCA")) certificatePair(document.at("issuingCA"), true);
  acceptedCertificates(document);
};

export const aggregatorCa: Rule = (document) => {
  if (document.has("issuingCA")) certificatePair(document.at("issuingCA"), true);
  else document.error("issuingCA", "The authority is missing.");
  acceptedCertificates(document);
};

export const serviceAccount: Rule = (document) => {
  const key = document.text("issuer.privateKey");
  if (key === "") document.error("issuer.privateKey", "The key is missing.");
  else if (!isReadableKey(key)) document.error("issuer.privateKey", "A private key in PEM is wanted.");
  needsText(document, "issuer.issuerURL", "The URL of the issuer is missing.");
};

export const authorizer: Rule = (document) => {
  needsName(document);
  const type = document.text("type");
  const isHook = type === "Webhook";
  if (!["Node", "RBAC", "Webhook"].includes(type)) document.error("type", "Node, RBAC or Webhook is wanted.");
  if (isHook && !document.at("webhook").filled) document.error("webhook", "A Webhook authorizer needs its config.");
  if (!isHook && document.at("webhook").filled)
    document.warning("webhook", "It is for authorizers of the type Webhook only.");
};

export const etcdEncryption: Rule = (document) => {
  if (!document.at("config").filled) document.error("config", "The config is missing.");
};

export const flannel: Rule = (document) => {
  needsText(document, "backendType", "The type of the backend is missing.");
  resources(document);
};

export const kubePrism: Rule = (document) => {
  const port = document.number("port");
  if (port < 1 || port > 65535) document.error("port", "The port has to be between 1 and 65535.");
};

function subdomainName(document: ConfigView): void {
  if (needsName(document) && !isSubdomain(document.text("name")))
    document.error(
      "name",
      "The name may hold small letters, digits, - and .; it begins and ends with a letter or digit.",
    );
}

export const inlineManifest: Rule = subdomainName;

export const externalManifest: Rule = (document) => {
  subdomainName(document);
  if (!needsText(document, "url", "The URL is missing.")) return;
  const url = goUrlOrNull(document.text("url"));
  if (url && !/^https?$/.test(url.scheme))
    document.error("url", "A URL that begins with https:// or http:// is wanted.");
};

export const staticPod: Rule = (document) => {
  subdomainName(document);
  if (!document.at("pod").filled) document.error("pod", "The pod is missing.");
};

const roles = [
  "os:admin",
  "os:operator",
  "os:reader",
  "os:etcd:backup",
  "os:image:verifier",
  "os:meta:writer",
  "os:impersonator",
];

/** Roles of the Talos API that may be given to pods (pkg/machinery/role). */
export function allowedRoles(
  list: readonly ConfigView[],
  { isAtLeast }: { isAtLeast: (release: string) => boolean },
): void {
  const known = roles.filter(
    (role) => isAtLeast("1.13") || (role !== "os:image:verifier" && role !== "os:meta:writer"),
  );
  for (const role of list) if (!known.includes(role.value)) role.error("", `A role is one of ${known.join(", ")}.`);
}

export const talosApiAccess: Rule = (document, context) => {
  const list = document.items("allowedRoles");
  if (list.length === 0) document.warning("allowedRoles", "No role is allowed, so there is no access.");
  allowedRoles(list, context);
};
