import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { fileKindOf, type FileKind } from "@/lib/core/file-kind/recognise";
import { refuseOtherFile, refusePlainText, type Door } from "@/lib/core/file-kind/refuse";
import { parseYamlDocuments } from "@/lib/core/yaml";

const samples: Record<FileKind, string[]> = {
  talosconfig: ["context: home\ncontexts:\n  home:\n    endpoints: [10.5.0.2]\n"],
  kubeconfig: [
    "apiVersion: v1\nkind: Config\nclusters: []\n",
    "clusters: [{name: a}]\nusers: [{name: a}]\ncontexts: [{name: a}]\n",
  ],
  "secrets-bundle": ["cluster: {id: a, secret: b}\nsecrets: {}\ntrustdinfo: {}\ncerts: {}\n"],
  schematic: [
    "customization:\n  systemExtensions:\n    officialExtensions: [siderolabs/i915]\n",
    "overlay: {name: rpi_generic, image: siderolabs/sbc-raspberrypi}\n",
  ],
  "machine-config": [
    "version: v1alpha1\nmachine: {type: worker}\ncluster: {}\n",
    "machine: {network: {}}\n",
    "apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: a\n",
  ],
  "json-patch": ["- {op: add, path: /machine/token, value: a}\n"],
  "omni-template": [
    "kind: Cluster\nname: a\nkubernetes: {version: v1.34.0}\n",
    "kind: Workers\nmachines: []\n",
    "kind: Machine\nname: 430d882a-51a8-48b3-ab00-d4b5b0b5b0b5\n",
  ],
  "omni-resource": ["metadata: {namespace: default, type: Clusters.omni.sidero.dev, id: a}\nspec: {}\n"],
  talhelper: [
    "clusterName: a\ntalosVersion: v1.14.1\nendpoint: https://10.5.0.2:6443\nnodes:\n  - {hostname: a, ipAddress: 10.5.0.2}\n",
  ],
  topf: [
    "clusterName: a\nclusterEndpoint: https://10.5.0.2:6443\nnodes:\n  - {host: a, role: control-plane}\n",
    "nodes:\n  - {host: a, ip: 10.5.0.2, role: worker}\n",
  ],
  tuppr: ["apiVersion: tuppr.home-operations.com/v1alpha1\nkind: TalosUpgrade\nmetadata: {name: a}\n"],
  kubernetes: [
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n",
    "apiVersion: v1\nkind: List\nitems: []\n",
    "apiVersion: controlplane.cluster.x-k8s.io/v1alpha3\nkind: TalosControlPlane\nspec: {}\n",
  ],
  sops: [
    "machine: {token: 'ENC[AES256_GCM,data:a]'}\nsops: {mac: a, lastmodified: b, age: []}\n",
    "contexts: {}\nsops: {version: 3.9.0}\n",
  ],
  "sops-rules": ["creation_rules:\n  - path_regex: talos/.*\n"],
};
const kinds = Object.keys(samples) as FileKind[];
const all = kinds.flatMap((kind) => samples[kind].map((text) => ({ kind, text })));

test.each(all)("$kind is told by its members: $text", ({ kind, text }) => {
  expect(fileKindOf(parseYamlDocuments(text)[0])).toBe(kind);
});

const takes: Record<Door, FileKind[]> = {
  talosconfig: ["talosconfig"],
  "secrets-bundle": ["secrets-bundle"],
  schematic: ["schematic"],
  "machine-config": ["machine-config"],
  patch: ["machine-config", "json-patch"],
};

const refusalOf = (door: Door, text: string): AppError | null => {
  try {
    refuseOtherFile(parseYamlDocuments(text), door);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
};

describe.each(Object.keys(takes) as Door[])("at the door of a %s", (door) => {
  test.each(all)("$kind: $text", ({ kind, text }) => {
    const refusal = refusalOf(door, text);
    if (takes[door].includes(kind)) return expect(refusal).toBeNull();
    expect(refusal?.code).toBe("invalid-input");
    expect(refusal?.message).toMatch(kind === "sops" ? /encrypted with SOPS/ : /^This is .+, not an? .+\.$/);
    expect(refusal?.hint).toMatch(/\.$/);
  });

  test("what cannot be told passes", () => {
    for (const text of ["", "a: 1\n", "- 1\n", "x\n", "cluster:\n  clusterName: a\n", "{}\n"])
      expect(refusalOf(door, text)).toBeNull();
  });
});

test("a document of another kind among others is found", () => {
  expect(refusalOf("machine-config", `machine: {}\n---\n${samples.kubernetes[0]}`)?.message).toBe(
    "This is a Kubernetes manifest (Deployment), not a Talos machine config.",
  );
});

test.each([
  ["<!DOCTYPE html>\n<html></html>", "an HTML page"],
  ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "a PEM text"],
  ["AGE-SECRET-KEY-1QQQ", "an age file"],
  ["$ANSIBLE_VAULT;1.1;AES256\n6131", "a file that Ansible Vault has encrypted"],
  ['resource "talos_machine_secrets" "this" {\n}\n', "a Terraform file"],
  ["\u0000GITCRYPT\u0000abc", "a file that git-crypt has locked"],
])("what is no YAML is named: %j", (text, name) => {
  expect(() => refusePlainText(text, "patch")).toThrow(`This is ${name}, not a patch of a machine config.`);
  expect(() => refusePlainText("machine: {}\n", "patch")).not.toThrow();
});
