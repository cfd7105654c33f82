import { ownEntry } from "@/lib/core/own-entry";
import { parseAddress } from "@/lib/machine-config/check/go-net";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { conflictingFields, controlPlaneKinds, linkKinds } from "@/lib/machine-config/document-kinds";
import { containerOrder } from "@/lib/machine-config/rules/containers";
import type { MachineType } from "@/lib/machine-config/rules/legacy";
import type { RuleContext } from "@/lib/machine-config/rules/rule";

/* Rules between documents: config/container/{container,validate}.go, and V1Alpha1ConflictValidate of each kind. */

export type WholeConfig = {
  legacy: ConfigView;
  documents: readonly { kind: string; label: string; view: ConfigView }[];
  type: MachineType | null;
};

/** One kind each: a thing that both configure may only be configured once. */
const exclusive: readonly (readonly [string, string])[] = [
  ["UserVolumeConfig", "ExistingVolumeConfig"],
  ["Layer2VIPConfig", "HCloudVIPConfig"],
];

export function wholeConfigRules(config: WholeConfig, context: RuleContext): void {
  duplicates(config);
  conflicts(config);
  if (config.type !== "controlplane") {
    for (const { kind, view } of config.documents)
      if (controlPlaneKinds.has(kind))
        view.error("", "This document belongs to control plane nodes only, and this is a worker.");
  }
  discovery(config, context);
  kubernetes(config, context);
  if (!context.isAtLeast("1.14")) return;
  hostDns(config, context);
  containerOrder(config.documents.filter(({ kind }) => kind === "ContainerConfig").map(({ view }) => view));
}

const of = ({ documents }: WholeConfig, kind: string): ConfigView | undefined =>
  documents.find((document) => document.kind === kind)?.view;

function duplicates({ documents }: WholeConfig): void {
  const seen = new Set<string>();
  const links = new Map<string, string>();
  for (const { kind, label, view } of documents) {
    const name = view.text("name");
    if (seen.has(label)) {
      view.error("", "The config has this document twice.");
      continue;
    }
    seen.add(label);
    for (const pair of exclusive) {
      const other = kind === pair[0] ? pair[1] : kind === pair[1] ? pair[0] : null;
      if (other !== null && seen.has(`${other}/${name}`)) view.error("", `${other}/${name} is the same thing.`);
    }
    if (!linkKinds.has(kind)) continue;
    for (const link of kind === "VethConfig" ? [name, view.text("peer.name")] : [name]) {
      const owner = links.get(link);
      if (owner !== undefined) view.error("", `The same link is configured by ${owner} too.`);
      links.set(link, label);
    }
  }
}

// Booleans that Talos looks at by their value; elsewhere it counts that one is given.
const byValue = new Set([
  "machine.features.stableHostname",
  "machine.network.disableSearchDomain",
  "machine.time.disabled",
]);
// Free-form sections that count when something is in them.
const byContent = new Set([
  "cluster.apiServer.auditPolicy",
  "cluster.apiServer.admissionControl",
  "machine.time.servers",
  "machine.baseRuntimeSpecOverrides",
]);

function isSet(legacy: ConfigView, path: string): boolean {
  if (byValue.has(path)) return legacy.bool(path) === true;
  // Only what is an address counts (config/types/v1alpha1/v1alpha1_network_bridge.go of v1.14).
  if (path === "machine.network.nameservers")
    return legacy.items(path).some(({ value }) => parseAddress(value) !== null);
  const part = legacy.at(path);
  if (byContent.has(path)) return part.filled;
  return part.present && (part.value !== "" ? part.value !== "0" : part.isCollection);
}

function conflicts({ legacy, documents }: WholeConfig): void {
  for (const { kind, label, view } of documents) {
    const fields = [...(ownEntry(conflictingFields, kind) ?? [])];
    if (kind === "ResolverConfig" && view.at("hostDNS").filled) fields.push("machine.features.hostDNS");
    if (kind === "VolumeConfig" && view.text("encryption.provider") !== "")
      fields.push(`machine.systemDiskEncryption.${view.text("name").toLowerCase()}`);
    for (const path of fields)
      if (isSet(legacy, path)) legacy.error(path, `${label} sets this too; Talos accepts it in one place only.`);
  }
}

function discovery(config: WholeConfig, { isAtLeast }: RuleContext): void {
  const { legacy } = config;
  const identity = of(config, "DiscoveryIdentityConfig");
  const own = legacy.bool("cluster.discovery.enabled") === true;
  const service = of(config, "DiscoveryServiceConfig");
  const kubeSpan =
    legacy.bool("machine.network.kubespan.enabled") === true || of(config, "KubeSpanConfig")?.bool("enabled") === true;
  const legacySpan = legacy.bool("machine.network.kubespan.enabled") === true;
  const on = own ? legacy.bool("cluster.discovery.registries.service.disabled") !== true : service !== undefined;
  if (isAtLeast("1.14") ? kubeSpan && !on : legacySpan && !own)
    legacy.error("cluster.discovery", "KubeSpan needs discovery, which is off.");
  const asked = isAtLeast("1.14") ? on && !own : legacySpan;
  const known = (field: string, other: string) => legacy.text(field) !== "" || (identity?.text(other) ?? "") !== "";
  if (asked && !(own && on)) {
    if (!known("cluster.id", "clusterID")) legacy.error("cluster.id", "Discovery is on, and needs the cluster's ID.");
    if (!known("cluster.secret", "clusterSecret"))
      legacy.error("cluster.secret", "Discovery is on, and needs the cluster's secret.");
  }
}

function kubernetes(config: WholeConfig, { isAtLeast }: RuleContext): void {
  const { legacy, type } = config;
  const authority =
    legacy.has("cluster.ca") || legacy.has("cluster.acceptedCAs") || of(config, "KubeAPIServerCAConfig") !== undefined;
  if (!authority) return;
  const secret =
    legacy.text("cluster.secretboxEncryptionSecret") !== "" || legacy.text("cluster.aescbcEncryptionSecret") !== "";
  if (type === "controlplane" && !secret && of(config, "KubeEtcdEncryptionConfig") === undefined) {
    // Older releases take it, and run without encryption.
    const told = isAtLeast("1.14") ? "error" : "warning";
    legacy[told]("cluster.secretboxEncryptionSecret", "The key that encrypts Kubernetes secrets in etcd is missing.");
  }
  if (!isAtLeast("1.14")) return;
  if (!legacy.has("cluster.controlPlane.endpoint") && of(config, "KubeClusterConfig") === undefined)
    legacy.error("cluster.controlPlane.endpoint", "The address of the cluster's API server is missing.");
  const node = of(config, "KubeNodeConfig");
  const label = "node-role.kubernetes.io/control-plane";
  if (
    type === "controlplane" &&
    node &&
    node.bool("skipNodeRegistration") !== true &&
    !node
      .at("labels")
      .members()
      .some(([key]) => key === label)
  )
    node.warning("labels", `Control plane nodes should have the label ${label}; this document is taken as it is.`);
}

function hostDns(config: WholeConfig, { mode }: RuleContext): void {
  const resolver = of(config, "ResolverConfig");
  const isOn = resolver?.bool("hostDNS.enabled") === true;
  const part = isOn ? resolver.at("hostDNS") : config.legacy.at("machine.features.hostDNS");
  if (mode === "container") {
    for (const field of ["enabled", "forwardKubeDNSToHost"])
      if (part.bool(field) !== true) part.error(field, "A container needs it.");
  }
  const encrypted = resolver?.items("nameservers").some((server) => /^do[th]$/i.test(server.text("protocol"))) ?? false;
  if (encrypted && part.bool("enabled") !== true) part.error("enabled", "Encrypted nameservers need it.");
}
