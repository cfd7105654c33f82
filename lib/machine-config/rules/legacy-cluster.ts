import { isSubnetOrAddress } from "@/lib/machine-config/check/go-net";
import { endpointProblem, parseGoUrl } from "@/lib/machine-config/check/go-url";
import type { ConfigView } from "@/lib/machine-config/check/view";
import type { RuleContext } from "@/lib/machine-config/rules/rule";

/* The cluster section of the v1alpha1 document: ClusterConfig.Validate and what it calls. */

const dnsName = /^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62}(?:\.[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})*[._]?$/;

export function legacyCluster(legacy: ConfigView, context: RuleContext, isControlPlane: boolean): void {
  const part = legacy.at("cluster");
  if (!part.present) return part.error("", "The cluster section is missing.");
  endpoint(part, context);
  const domain = part.text("network.dnsDomain");
  if (domain !== "" && (!dnsName.test(domain) || domain.replaceAll(".", "").length > 255))
    part.error("network.dnsDomain", "A DNS name such as cluster.local is wanted.");
  externalCloudProvider(part.at("externalCloudProvider"));
  if (part.has("etcd")) {
    if (isControlPlane) etcd(part.at("etcd"));
    else part.error("etcd", "A worker runs no etcd; the section is refused.");
  }
  if (isControlPlane && (!context.isAtLeast("1.14") || part.has("network"))) networkPlugin(part.at("network.cni"));
  manifests(part.items("inlineManifests"));
  discovery(part);
  for (const component of ["apiServer", "controllerManager", "scheduler"]) resources(part.at(component));
  authorization(part.at("apiServer"));
}

function endpoint(part: ConfigView, { isAtLeast }: RuleContext): void {
  const place = "controlPlane.endpoint";
  const text = part.text(place);
  if (!part.has(place)) {
    // Since 1.14 it may be in a KubeClusterConfig document instead.
    if (!isAtLeast("1.14") || part.has("controlPlane"))
      part.error(place, "The address of the cluster's API server is missing.");
    if (isAtLeast("1.14") && part.has("serviceAccount"))
      part.error(
        "serviceAccount",
        "It needs the cluster's endpoint in the same document; KubeServiceAccountConfig does not.",
      );
    return;
  }
  const problem = endpointProblem(text);
  // The decoder has refused what is no URL at all.
  if (problem !== null && typeof parseGoUrl(text) !== "string")
    part.error(place, `Talos cannot use the address (${problem}).`);
}

function externalCloudProvider(part: ConfigView): void {
  const list = part.items("manifests");
  if (part.bool("enabled") !== true && list.length > 0)
    return part.error("manifests", "The external cloud provider is off, so there can be no manifests.");
  for (const url of list) if (endpointProblem(url.value) !== null) url.error("", "A URL is wanted.");
}

function etcd(part: ConfigView): void {
  if (!part.has("ca")) part.error("ca", "The authority of etcd is missing.");
  if (part.text("subnet") !== "" && part.items("advertisedSubnets").length > 0)
    part.error("subnet", "It cannot be used with advertisedSubnets.");
  const lists = [...part.items("advertisedSubnets"), ...part.items("listenSubnets")];
  if (part.items("advertisedSubnets").length === 0 && part.text("subnet") !== "") lists.push(part.at("subnet"));
  for (const subnet of lists)
    if (!isSubnetOrAddress(subnet.value.replace(/^!/, ""))) subnet.error("", "A network or an address is wanted.");
}

function networkPlugin(part: ConfigView): void {
  if (!part.present) return;
  const name = part.text("name");
  const urls = part.items("urls");
  if (!["flannel", "custom", "none"].includes(name)) return part.error("name", "flannel, custom or none is wanted.");
  if (name !== "custom" && urls.length > 0) part.error("urls", `They are for the plugin custom, not for ${name}.`);
  if (name === "custom" && urls.length === 0) part.warning("urls", "The plugin custom should have URLs of manifests.");
  if (name === "custom")
    for (const url of urls) if (endpointProblem(url.value) !== null) url.error("", "A URL is wanted.");
  if (name === "flannel") return;
  if (part.items("flannel.extraArgs").length > 0) part.error("flannel.extraArgs", "They are for the plugin flannel.");
  if (part.bool("flannel.kubeNetworkPoliciesEnabled") === true)
    part.error("flannel.kubeNetworkPoliciesEnabled", "It is for the plugin flannel.");
}

function manifests(list: readonly ConfigView[]): void {
  const seen = new Set<string>();
  for (const manifest of list) {
    const name = manifest.text("name");
    if (name.trim() === "") manifest.error("name", "The name is missing.");
    else if (seen.has(name)) manifest.error("name", "Another manifest has this name.");
    seen.add(name);
  }
}

function discovery(part: ConfigView): void {
  if (part.bool("discovery.enabled") !== true || part.bool("discovery.registries.service.disabled") === true) return;
  const place = "discovery.registries.service.endpoint";
  const text = part.text(place);
  const url = parseGoUrl(text);
  if (text !== "") {
    if (typeof url === "string" || (url.scheme === "" && !url.path.startsWith("/")))
      part.error(place, "A URL is wanted.");
    else if (url.path !== "" && url.path !== "/") part.error(place, "The URL has no path.");
  }
  if (part.text("id") === "") part.error("id", "Discovery is on, and needs the cluster's ID.");
  if (part.text("secret") === "") part.error("secret", "Discovery is on, and needs the cluster's secret.");
}

function resources(component: ConfigView): void {
  for (const kind of ["requests", "limits"])
    for (const [key, member] of component.members(`resources.${kind}`))
      if (key !== "cpu" && key !== "memory") member.error("", "Only cpu and memory can be given.");
}

function authorization(part: ConfigView): void {
  const list = part.items("authorizationConfig");
  if (part.has("authorizationConfig"))
    for (const [key, member] of part.members("extraArgs"))
      if (key === "authorization-mode" || key.startsWith("authorization-webhook-"))
        member.error("", "It cannot be used with authorizationConfig.");
  for (const authorizer of list) {
    if (authorizer.text("name") === "") authorizer.error("name", "The name is missing.");
    if (!["Node", "RBAC", "Webhook"].includes(authorizer.text("type")))
      authorizer.error("type", "Node, RBAC or Webhook is wanted.");
  }
}
