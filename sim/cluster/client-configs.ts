import { mintClientCertificate, mintKubernetesClientCertificate } from "@/lib/machine-config/pki-leaf";
import type { CertificatePair } from "@/lib/machine-config/pki-sign";
import type { SimCluster } from "./cluster";

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
const yearMs = 365 * 24 * 3_600_000;

/** A talosconfig with one context; every member is an endpoint that can be dialled. */
export function talosconfigFor(
  context: string,
  endpoints: readonly string[],
  caPem: string,
  pair: CertificatePair,
): string {
  const list = (key: string, values: readonly string[]) =>
    `        ${key}:${values.length === 0 ? " []" : values.map((value) => `\n            - ${value}`).join("")}\n`;
  return `context: ${context}\ncontexts:\n    ${context}:\n${list("endpoints", endpoints)}        ca: ${base64(caPem)}\n        crt: ${base64(pair.certPem)}\n        key: ${base64(pair.keyPem)}\n`;
}

/** A talosconfig for one role of a cluster, valid for a year. */
export async function mintTalosconfig(
  cluster: SimCluster,
  role: string,
  endpoints: readonly string[],
  nowMs: number,
): Promise<string> {
  const { os } = cluster.secrets;
  const pair = await mintClientCertificate({
    caCertPem: os.certPem,
    caKeyPem: os.keyPem,
    roles: [role],
    ttlMs: yearMs,
    nowMs,
  });
  return talosconfigFor(cluster.name, endpoints, os.certPem, pair);
}

/** The admin kubeconfig that a control plane makes. */
export async function adminKubeconfig(cluster: SimCluster, nowMs: number): Promise<string> {
  const { kubernetes } = cluster.secrets;
  const pair = await mintKubernetesClientCertificate({
    ca: kubernetes,
    commonName: "admin",
    organization: "system:masters",
    ttlMs: yearMs,
    nowMs,
  });
  const user = `admin@${cluster.name}`;
  return `apiVersion: v1
kind: Config
clusters:
- name: ${cluster.name}
  cluster:
    server: ${cluster.kubernetesEndpoint}
    certificate-authority-data: ${base64(kubernetes.certPem)}
users:
- name: ${user}
  user:
    client-certificate-data: ${base64(pair.certPem)}
    client-key-data: ${base64(pair.keyPem)}
contexts:
- context:
    cluster: ${cluster.name}
    namespace: default
    user: ${user}
  name: ${user}
current-context: ${user}
`;
}
