import { installerRef } from "../factory/image-ref";
import { atLeast } from "../factory/releases";
import type { NodeSpec } from "../scenario/node-spec";
import type { ClusterSecrets } from "./cluster";

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");

/** The machine config that a node of the scenario was installed with. Only control planes hold the authorities' keys. */
export function nodeConfig(
  spec: NodeSpec,
  input: {
    secrets: ClusterSecrets;
    endpoint: string;
    registry: string;
    installSchematicId: string;
    kubernetesVersion: string;
  },
): string {
  const { secrets } = input;
  const controlPlane = spec.role === "controlplane";
  const authority = (pair: { certPem: string; keyPem: string }, indent: string) =>
    `\n${indent}crt: ${base64(pair.certPem)}\n${indent}key: ${controlPlane ? base64(pair.keyPem) : '""'}`;
  const documents =
    atLeast(spec.release, "1.14.0") && spec.modules
      ? spec.modules.map((name) => `---\napiVersion: v1alpha1\nkind: KernelModuleConfig\nname: ${name}\n`).join("")
      : "";
  const modules =
    !atLeast(spec.release, "1.14.0") && spec.modules
      ? `    kernel:\n        modules:\n${spec.modules.map((name) => `            - name: ${name}\n`).join("")}`
      : "";
  const controlPlaneOnly = controlPlane
    ? `    aggregatorCA:${authority(secrets.aggregator, "        ")}
    serviceAccount:
        key: ${base64(secrets.serviceAccountKeyPem)}
    secretboxEncryptionSecret: ${secrets.secretboxEncryptionSecret}
    apiServer:
        image: registry.k8s.io/kube-apiserver:${input.kubernetesVersion}
    controllerManager:
        image: registry.k8s.io/kube-controller-manager:${input.kubernetesVersion}
    scheduler:
        image: registry.k8s.io/kube-scheduler:${input.kubernetesVersion}
    etcd:
        ca:${authority(secrets.etcd, "            ")}
`
    : "";
  return `version: v1alpha1
debug: false
persist: true
machine:
    type: ${spec.role}
    token: ${secrets.token}
    ca:${authority(secrets.os, "        ")}
    certSANs: []
    kubelet:
        image: ghcr.io/siderolabs/kubelet:${input.kubernetesVersion}
        defaultRuntimeSeccompProfileEnabled: true
        disableManifestsDirectory: true
    network:
        hostname: ${spec.name}
    install:
        disk: /dev/nvme0n1
        image: ${installerRef(input.registry, input.installSchematicId, spec.release)}
        wipe: false
${modules}    features:
        rbac: true
        stableHostname: true
        kubePrism:
            enabled: true
            port: 7445
cluster:
    id: ${secrets.id}
    secret: ${secrets.discoverySecret}
    controlPlane:
        endpoint: ${input.endpoint}
    clusterName: ${secrets.name}
    network:
        dnsDomain: cluster.local
        podSubnets:
            - 10.244.0.0/16
        serviceSubnets:
            - 10.96.0.0/12
    token: ${secrets.bootstrapToken}
    ca:${authority(secrets.kubernetes, "        ")}
${controlPlaneOnly}    discovery:
        enabled: true
${documents}`;
}
