import { generateAuthority } from "@/lib/machine-config/pki";
import type { CertificatePair } from "@/lib/machine-config/pki-sign";
import { seededHex } from "../random";
import { EtcdCluster } from "./etcd";

/** The authorities and tokens that a cluster's nodes share. */
export type ClusterSecrets = {
  id: string;
  name: string;
  os: CertificatePair;
  kubernetes: CertificatePair;
  etcd: CertificatePair;
  aggregator: CertificatePair;
  serviceAccountKeyPem: string;
  token: string;
  bootstrapToken: string;
  secretboxEncryptionSecret: string;
  discoverySecret: string;
};

export type SimCluster = {
  readonly name: string;
  secrets: ClusterSecrets;
  readonly etcd: EtcdCluster;
  /** Where its Kubernetes API listens: `https://127.0.0.1:port`. */
  kubernetesEndpoint: string;
};

export async function newClusterSecrets(name: string, seed: string, nowMs: number): Promise<ClusterSecrets> {
  const authority = (kind: "ed25519" | "ecdsa-p256", organization: string) =>
    generateAuthority({ kind, organization, nowMs: nowMs - 24 * 3_600_000 });
  const [os, kubernetes, etcd, aggregator, { keyPem: serviceAccountKeyPem }] = await Promise.all([
    authority("ed25519", "talos"),
    authority("ecdsa-p256", "kubernetes"),
    authority("ecdsa-p256", "etcd"),
    authority("ecdsa-p256", "aggregator"),
    authority("ecdsa-p256", "service-account"),
  ]);
  const hex = (what: string, length: number) => seededHex(`${seed}/${name}/${what}`, length);
  const base64 = (what: string) => Buffer.from(hex(what, 64), "hex").toString("base64");
  return {
    id: `${Buffer.from(hex("id", 64), "hex").toString("base64url")}=`,
    name,
    os,
    kubernetes,
    etcd,
    aggregator,
    serviceAccountKeyPem,
    token: `${hex("token", 6)}.${hex("token2", 16)}`,
    bootstrapToken: `${hex("bootstrap", 6)}.${hex("bootstrap2", 16)}`,
    secretboxEncryptionSecret: base64("secretbox"),
    discoverySecret: base64("discovery"),
  };
}

export const newCluster = (secrets: ClusterSecrets): SimCluster => ({
  name: secrets.name,
  secrets,
  etcd: new EtcdCluster(),
  kubernetesEndpoint: "",
});
