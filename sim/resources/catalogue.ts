import { atLeast } from "../factory/releases";
import * as block from "./kinds/block";
import * as cluster from "./kinds/cluster";
import * as extensions from "./kinds/extensions";
import * as hardware from "./kinds/hardware";
import * as kernelModules from "./kinds/kernel-modules";
import * as kubernetes from "./kinds/kubernetes";
import * as links from "./kinds/links";
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
  network,
  perf,
  routes,
  runtime,
  secrets,
  services,
].flatMap((group): KindFacts[] => Object.values(group));

const byLowerName = new Map(kinds.map((kind) => [kind.type.toLowerCase(), kind]));

/** The kind, if this release of Talos has it. Types are matched without regard to case, as Talos does. */
export function resourceKind(type: string, release: string): KindFacts | undefined {
  const kind = byLowerName.get(type.toLowerCase());
  return kind?.since !== undefined && !atLeast(release, kind.since) ? undefined : kind;
}

/** Namespaces that a node has besides those of the types above (runtime v1alpha2_state.go). */
const others = ["cluster-raw", "controlplane", "cri", "files", "kubespan", "meta", "network-config"];
const namespaces: ReadonlySet<string> = new Set([...kinds.map((kind) => kind.namespace), ...others]);
const lateNamespaces: Readonly<Record<string, string>> = { security: "1.13.0", storage: "1.14.0" };

export function hasNamespace(namespace: string, release: string): boolean {
  const since = lateNamespaces[namespace];
  return since === undefined ? namespaces.has(namespace) : atLeast(release, since);
}
