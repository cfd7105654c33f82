import type { YamlValue } from "@/lib/core/go-yaml";
import { naturalSort } from "@/lib/core/go-yaml-sort";
import * as message from "@/lib/talos/gen/resource/definitions/k8s";
import { atLeast } from "../../factory/releases";
import { ipText, prefixText } from "../addresses";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

const namespace = "k8s";

/** A map, as Go writes it: in the order of its keys. */
const sorted = (fields: Readonly<Record<string, YamlValue>> | undefined) => naturalSort(fields ?? {});

export const nodenames = defineKind({
  type: "Nodenames.kubernetes.talos.dev",
  namespace,
  owner: "k8s.NodenameController",
  message: message.NodenameSpec,
  yaml: ({ nodename, hostnameVersion, skipNodeRegistration }) => ({ nodename, hostnameVersion, skipNodeRegistration }),
});

export const nodeStatuses = defineKind({
  type: "NodeStatuses.kubernetes.talos.dev",
  namespace,
  owner: "k8s.NodeStatusController",
  message: message.NodeStatusSpec,
  yaml: (spec, release) => ({
    nodename: spec.nodename,
    nodeReady: spec.nodeReady,
    unschedulable: spec.unschedulable,
    labels: sorted(spec.labels),
    annotations: sorted(spec.annotations),
    podCIDRs: atLeast(release, "1.12.0") ? spec.podCidRs.map(prefixText) : undefined,
  }),
});

export const nodeIps = defineKind({
  type: "NodeIPs.kubernetes.talos.dev",
  namespace,
  owner: "k8s.NodeIPController",
  message: message.NodeIPSpec,
  yaml: ({ addresses }) => ({ addresses: addresses.map(ipText) }),
});

export const kubeletStatuses = defineKind({
  type: "KubeletStatuses.kubernetes.talos.dev",
  namespace,
  owner: "k8s.KubeletStatusController",
  since: "1.14.0",
  message: message.KubeletStatusSpec,
  yaml: ({ image }) => ({ image }),
});

export const kubeletSpecs = defineKind({
  type: "KubeletSpecs.kubernetes.talos.dev",
  namespace,
  owner: "k8s.KubeletSpecController",
  sensitive: true,
  message: message.KubeletSpecSpec,
  yaml: (spec) => ({
    image: spec.image,
    args: omitEmpty(spec.args),
    expectedNodename: omitEmpty(spec.expectedNodename),
    config: sorted(spec.config),
    credentialProviderConfig: spec.credentialProviderConfig && sorted(spec.credentialProviderConfig),
  }),
});

/** Its YAML is the pod's status itself. */
export const staticPodStatuses = defineKind({
  type: "StaticPodStatuses.kubernetes.talos.dev",
  namespace,
  owner: "k8s.KubeletStaticPodController",
  message: message.StaticPodStatusSpec,
  yaml: ({ podStatus }) => sorted(podStatus),
});
