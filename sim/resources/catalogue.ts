import { definitionOf, definitionsOf, isSensitive } from "./definitions";
import * as block from "./kinds/block";
import * as cluster from "./kinds/cluster";
import * as extensions from "./kinds/extensions";
import * as hardware from "./kinds/hardware";
import * as kernelModules from "./kinds/kernel-modules";
import * as kubernetes from "./kinds/kubernetes";
import * as links from "./kinds/links";
import * as meta from "./kinds/meta";
import * as network from "./kinds/network";
import * as perf from "./kinds/perf";
import * as routes from "./kinds/routes";
import * as runtime from "./kinds/runtime";
import * as secrets from "./kinds/secrets";
import * as services from "./kinds/services";
import type { KindFacts } from "./kind";

/** All types of resources that simulated nodes have. */
export const kinds: readonly KindFacts[] = [
  block,
  cluster,
  extensions,
  hardware,
  kernelModules,
  kubernetes,
  links,
  meta,
  network,
  perf,
  routes,
  runtime,
  secrets,
  services,
].flatMap((group): KindFacts[] => Object.values(group));

const byLowerName = new Map(kinds.map((kind) => [kind.type.toLowerCase(), kind]));

/**
 * What a release says of a type: where it lives, and who may read it. Types are matched without regard to case, as Talos does; most
 * have no resource in the simulator.
 */
export function resourceKind(type: string, release: string): KindFacts | undefined {
  const definition = definitionOf(type, release);
  if (!definition) return undefined;
  const { owner = "", namespace = definition.namespace } = byLowerName.get(type.toLowerCase()) ?? {};
  return { type: definition.type, namespace, owner, ...(isSensitive(definition, release) ? { sensitive: true } : {}) };
}

/** What a node's namespaces are for, in our words. `cluster-raw`, `network-config` are those that no type lives in by default. */
const descriptions: Readonly<Record<string, string>> = {
  cluster: "The cluster and its members",
  "cluster-raw": "Members, before they are merged",
  config: "The machine config",
  containers: "Containers that Talos manages",
  controlplane: "The Kubernetes control plane",
  cri: "The container runtime",
  etcd: "etcd",
  files: "Files",
  hardware: "Hardware",
  k8s: "Kubernetes, on all nodes",
  kubespan: "KubeSpan",
  meta: "Namespaces and types",
  network: "The network",
  "network-config": "The network, before it is merged",
  perf: "Usage",
  runtime: "The machine and its services",
  secrets: "Secrets",
  security: "Verification of images",
  storage: "Volume groups and arrays",
};

const always = ["cluster-raw", "controlplane", "cri", "files", "kubespan", "meta", "network-config"];

/** The namespaces of a release with what they are for (runtime v1alpha2_state.go). */
export function namespacesOf(release: string): ReadonlyMap<string, string> {
  const names = new Set([...always, ...definitionsOf(release).map(({ namespace }) => namespace)]);
  return new Map([...names].sort().map((name) => [name, descriptions[name] ?? ""]));
}

export const hasNamespace = (namespace: string, release: string): boolean => namespacesOf(release).has(namespace);
