import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { encodeMachineConfig, legacyDocument, documentOfKind, valueAt } from "@/lib/machine-config/documents";
import { generateMachineConfig, generateMachineConfigText } from "@/lib/machine-config/generate";
import {
  contractOfTalosVersion,
  machineRole,
  nodeInput,
  versionContracts,
  type ClusterInput,
  type NodeOptions,
  type VersionContract,
} from "@/lib/machine-config/schema";
import { generateSecretsBundle, parseSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";

const corpus = process.env.ICHOR_CORPUS;
const base: ClusterInput = { name: "base", endpoint: "https://base:6443", kubernetesVersion: "1.28.0" };

describe.skipIf(!corpus)("upstream's stability files", () => {
  const read = (name: string) => readFileSync(path.join(corpus ?? "", "corpus/generate", name), "utf8");
  const cases = (["1.12", "1.13", "1.14"] as const).flatMap((contract) =>
    machineRole.options.map((role) => ({ contract, role })),
  );

  test.each(cases)("contract $contract, $role: the same bytes", ({ contract, role }) => {
    const bundle = parseSecretsBundle(read("secrets.yaml"));
    const text = generateMachineConfigText({ bundle, cluster: base, role, contract });
    expect(text).toBe(read(`v${contract}/base-${role}.yaml`));
    expect(encodeMachineConfig(generateMachineConfig({ bundle, cluster: base, role, contract }))).toBe(text);
  });
});

let bundle: SecretsBundle;
beforeAll(async () => {
  bundle = await generateSecretsBundle({ contract: "1.13", nowMs: Date.now(), serviceAccountKey: "ecdsa-p256" });
});

const documentsOf = (
  contract: VersionContract,
  node: NodeOptions,
  cluster: Partial<ClusterInput> = {},
  role: "controlplane" | "worker" = "controlplane",
) => generateMachineConfig({ bundle, cluster: { ...base, ...cluster }, role, contract, node });

describe("node options land where each contract has them", () => {
  test.each([
    ["1.11", { machine: { network: { hostname: "gpu-1" } } }, undefined],
    ["1.12", {}, { auto: "off", hostname: "gpu-1" }],
    ["1.14", {}, { auto: "off", hostname: "gpu-1" }],
  ] as const)("hostname at %s", (contract, legacy, document) => {
    const documents = documentsOf(contract, { hostname: "gpu-1" });
    expect(legacyDocument(documents)).toMatchObject(legacy);
    const found = documentOfKind(documents, "HostnameConfig");
    if (document) expect(found).toMatchObject(document);
    else expect(found).toBeUndefined();
  });

  test("the disk and the image", () => {
    const node = { installDisk: "/dev/nvme0n1", installImage: "example.org/installer:v1.14.0" };
    const legacy = legacyDocument(documentsOf("1.13", node));
    expect(valueAt(legacy, ["machine", "install"])).toEqual({
      disk: node.installDisk,
      image: node.installImage,
      wipe: false,
      grubUseUKICmdline: true,
    });
    const documents = documentsOf("1.14", node);
    expect(valueAt(legacyDocument(documents), ["machine", "install"])).toBeUndefined();
    expect(documentOfKind(documents, "UnattendedInstallConfig")).toMatchObject({
      installer: { image: node.installImage },
      provisioning: { diskSelector: { match: 'disk.dev_path == "/dev/nvme0n1"' }, wipe: false },
    });
  });

  test("a disk selector is a map until 1.13 and an expression from 1.14 on", () => {
    const diskSelector = { size: ">= 1.5TB", model: "Samsung*", type: "nvme" } as const;
    expect(
      valueAt(legacyDocument(documentsOf("1.12", { diskSelector })), ["machine", "install", "diskSelector"]),
    ).toEqual(diskSelector);
    const document = documentOfKind(documentsOf("1.14", { diskSelector }), "UnattendedInstallConfig");
    expect(valueAt(document, ["provisioning", "diskSelector", "match"])).toBe(
      'disk.size >= 1500000000000u && glob("Samsung*", disk.model) && disk.transport == "nvme"',
    );
  });

  test("extra names go to the machine and to the API server", () => {
    const certSans = ["10.0.0.5", "api.example.org"];
    const old = legacyDocument(documentsOf("1.11", { certSans }));
    expect(valueAt(old, ["cluster", "apiServer", "certSANs"])).toEqual(["base", ...certSans]);
    const documents = documentsOf("1.14", { certSans });
    expect(valueAt(legacyDocument(documents), ["machine", "certSANs"])).toEqual(certSans);
    expect(documentOfKind(documents, "KubeAPIServerConfig")).toMatchObject({ certExtraSANs: certSans });
  });

  test("mirrors, labels, taints, nameservers and sysctls", () => {
    const node = {
      registryMirrors: { "ghcr.io": ["https://mirror.example.org"] },
      nodeLabels: { zone: "a" },
      nodeTaints: { gpu: "true:NoSchedule" },
      nameservers: ["10.0.0.53"],
      sysctls: { "vm.swappiness": "1" },
    };
    expect(legacyDocument(documentsOf("1.11", node))).toMatchObject({
      machine: {
        registries: { mirrors: { "ghcr.io": { endpoints: ["https://mirror.example.org"] } } },
        nodeLabels: node.nodeLabels,
        nodeTaints: node.nodeTaints,
        network: { nameservers: node.nameservers },
        sysctls: node.sysctls,
      },
    });
    const documents = documentsOf("1.14", node);
    expect(documentOfKind(documents, "RegistryMirrorConfig")).toMatchObject({
      name: "ghcr.io",
      endpoints: [{ url: "https://mirror.example.org" }],
    });
    expect(documentOfKind(documents, "KubeNodeConfig")).toMatchObject({
      labels: { zone: "a" },
      taints: { gpu: "true:NoSchedule" },
    });
    expect(documentOfKind(documents, "ResolverConfig")).toMatchObject({
      nameservers: [{ address: "10.0.0.53" }],
      hostDNS: { enabled: true },
    });
    expect(documentOfKind(documents, "SysctlConfig")).toMatchObject({ params: node.sysctls });
  });

  test("words are quoted as the release's own YAML library does", () => {
    const text = (contract: VersionContract) =>
      generateMachineConfigText({ bundle, cluster: { ...base, name: "on" }, role: "worker", contract });
    expect(text("1.13")).toContain('clusterName: "on"');
    expect(text("1.14")).toContain("clusterName: 'on'");
  });

  test("KubeSpan without discovery is refused, as Talos does", () => {
    expect(() => documentsOf("1.14", {}, { kubespan: true, discovery: false })).toThrow("discovery, which is off");
  });

  test("pods on control planes, the network plugin and discovery; KubeSpan", () => {
    const cluster = {
      allowSchedulingOnControlPlanes: true,
      cni: { kind: "custom", url: "https://example.org/cni.yaml" },
      discovery: false,
    } as const;
    const legacy = legacyDocument(documentsOf("1.12", {}, cluster));
    expect(legacyDocument(documentsOf("1.12", {}, { kubespan: true }))).toMatchObject({
      machine: { network: { kubespan: { enabled: true } } },
    });
    expect(legacy).toMatchObject({
      cluster: {
        allowSchedulingOnControlPlanes: true,
        network: { cni: { name: "custom", urls: ["https://example.org/cni.yaml"] } },
        discovery: { enabled: false },
      },
    });
    const documents = documentsOf("1.14", {}, cluster);
    expect(valueAt(documentOfKind(documents, "KubeNodeConfig"), ["taints"])).toBeUndefined();
    expect(documentOfKind(documents, "KubeFlannelCNIConfig")).toBeUndefined();
    expect(documentOfKind(documents, "KubeExternalManifestConfig")).toMatchObject({ name: "custom-cni" });
    expect(documentOfKind(documentsOf("1.14", {}, { kubespan: true }), "KubeSpanConfig")).toMatchObject({
      enabled: true,
    });
    expect(documentOfKind(documents, "DiscoveryServiceConfig")).toBeUndefined();
  });
});

test("a worker's config holds no key of an authority, at any contract", () => {
  const keys = [
    bundle.certs.os.key,
    bundle.certs.k8s.key,
    bundle.certs.etcd.key,
    bundle.certs.k8saggregator.key,
    bundle.certs.k8sserviceaccount.key,
  ];
  for (const contract of versionContracts) {
    const text = generateMachineConfigText({ bundle, cluster: base, role: "worker", contract });
    for (const key of keys) expect(text).not.toContain(key);
    expect(text).not.toContain("PRIVATE KEY");
    expect(text).not.toContain(bundle.secrets.secretboxencryptionsecret);
  }
});

describe("refusals", () => {
  test("an image without a disk at 1.14", () => {
    expect(() => documentsOf("1.14", { installImage: "example.org/installer:v1" })).toThrow(AppError);
  });

  test.each([
    [{ installDisk: "sda" }],
    [{ installDisk: "/dev/sda", diskSelector: { serial: "x" } }],
    [{ diskSelector: {} }],
    [{ hostname: "not ok" }],
    [{ nameservers: ["dns.example.org"] }],
  ])("%j is refused", (node) => {
    expect(nodeInput.safeParse(node).success).toBe(false);
  });

  test.each(["http://a:6443", "https://a", "https://user@a:6443", "https://a:6443/path", "10.0.0.1"])(
    "the endpoint %s",
    (endpoint) => {
      expect(() =>
        generateMachineConfig({ bundle, cluster: { ...base, endpoint }, role: "worker", contract: "1.13" }),
      ).toThrow("https://host:port");
    },
  );
});

test.each([
  ["v1.9.6", "1.11"],
  ["1.12.0-alpha.1", "1.12"],
  ["v1.13.9", "1.13"],
  ["v1.14.0-rc.1", "1.14"],
  ["v1.20.0", "1.14"],
])("Talos %s has the contract %s", (version, contract) => {
  expect(contractOfTalosVersion(version)).toBe(contract);
});
