import { beforeAll, describe, expect, test } from "vitest";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { generateMachineConfig } from "@/lib/machine-config/generate";
import { applyPatchesToDocuments } from "@/lib/machine-config/patch";
import { machineRole, versionContracts, type MachineRole, type VersionContract } from "@/lib/machine-config/schema";
import { generateSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";
import { validateMachineConfig } from "@/lib/machine-config/validate";

let bundle: SecretsBundle;
beforeAll(async () => {
  bundle = await generateSecretsBundle({ contract: "1.14", nowMs: Date.now(), serviceAccountKey: "ecdsa-p256" });
});

const cluster = { name: "c", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.36.3" };
const generate = (role: MachineRole, contract: VersionContract, installDisk?: string) =>
  generateMachineConfig({
    bundle,
    cluster,
    role,
    contract,
    node: installDisk === undefined ? {} : { installDisk, installImage: "factory.talos.dev/metal-installer/a:v1.14.1" },
  });

describe("what is generated is valid", () => {
  const cases = versionContracts.flatMap((contract) => machineRole.options.map((role) => ({ contract, role })));
  test.each(cases)("$contract $role", ({ contract, role }) => {
    expect(validateMachineConfig(generate(role, contract, "/dev/sda"), contract)).toEqual([]);
  });
});

/** A valid config with one patch on top has exactly the issue at the path. */
function expectIssue(role: MachineRole, contract: VersionContract, patch: string, path: string): void {
  const documents = applyPatchesToDocuments(generate(role, contract, "/dev/sda"), [patch], { contract });
  expect(validateMachineConfig(documents, contract).map((issue) => issue.path)).toContain(path);
}

describe("what Talos refuses is found", () => {
  test.each<[string, MachineRole, VersionContract, string, string]>([
    ["no install disk", "worker", "1.13", "machine: {install: {disk: {$patch: delete}}}", "machine.install.disk"],
    ["no install section", "worker", "1.12", "machine: {install: {$patch: delete}}", "machine.install"],
    [
      "kernel arguments beside the UKI's",
      "worker",
      "1.13",
      "machine: {install: {extraKernelArgs: [a=b]}}",
      "machine.install.extraKernelArgs",
    ],
    ["a worker with a key", "worker", "1.13", "cluster: {ca: {key: c2VjcmV0}}", "cluster.ca.key"],
    ["a worker with etcd", "worker", "1.13", "cluster: {etcd: {image: x}}", "cluster.etcd"],
    [
      "a control plane without its key",
      "controlplane",
      "1.13",
      "machine: {ca: {key: {$patch: delete}}}",
      "machine.ca.key",
    ],
    [
      "no encryption",
      "controlplane",
      "1.13",
      "cluster: {secretboxEncryptionSecret: {$patch: delete}}",
      "cluster.secretboxEncryptionSecret",
    ],
    [
      "KubeSpan without discovery",
      "worker",
      "1.12",
      "machine: {network: {kubespan: {enabled: true}}}\ncluster: {discovery: {enabled: false}}",
      "cluster.discovery",
    ],
    [
      "a kind of a later release",
      "worker",
      "1.13",
      "apiVersion: v1alpha1\nkind: KernelModuleConfig\nname: nvidia",
      "KernelModuleConfig/nvidia",
    ],
    ["a kind of no release", "worker", "1.14", "apiVersion: v1alpha1\nkind: NvidiaConfig", "NvidiaConfig"],
    [
      "a control plane's document on a worker",
      "worker",
      "1.14",
      "apiVersion: v1alpha1\nkind: KubeSchedulerConfig",
      "KubeSchedulerConfig",
    ],
    ["one thing in two places", "worker", "1.14", "machine: {kubelet: {image: x}}", "machine.kubelet"],
    ["hostname in two places", "worker", "1.13", "machine: {network: {hostname: x}}", "machine.network.hostname"],
    [
      "hostname fixed and automatic",
      "worker",
      "1.13",
      "apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: x",
      "HostnameConfig.auto",
    ],
    [
      "a patch that erases the disk",
      "worker",
      "1.14",
      "apiVersion: v1alpha1\nkind: UnattendedInstallConfig\ninstaller: {image: x}",
      "UnattendedInstallConfig.provisioning.diskSelector.match",
    ],
    [
      "the kubelet's own field",
      "worker",
      "1.14",
      "apiVersion: v1alpha1\nkind: KubeletConfig\nconfig: {port: 1}",
      "KubeletConfig.config.port",
    ],
    ["not persisted", "worker", "1.13", "persist: false", "persist"],
    [
      "two documents for a link",
      "worker",
      "1.13",
      "apiVersion: v1alpha1\nkind: LinkConfig\nname: a\n---\napiVersion: v1alpha1\nkind: BondConfig\nname: a",
      "BondConfig/a",
    ],
  ])("%s", (_, role, contract, patch, path) => expectIssue(role, contract, patch, path));

  test("no v1alpha1 document", () => {
    expect(
      validateMachineConfig(parseMachineConfig("apiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n"), "1.13"),
    ).toHaveLength(1);
  });

  test("messages never hold values", () => {
    const documents = applyPatchesToDocuments(
      generate("worker", "1.13", "/dev/sda"),
      ["cluster: {ca: {key: c2VjcmV0}}"],
      { contract: "1.13" },
    );
    expect(JSON.stringify(validateMachineConfig(documents, "1.13"))).not.toContain("c2VjcmV0");
  });
});
