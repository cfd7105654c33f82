import { clusterEndpoint, contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";
import { documentOfKind, valueAt, type MachineConfigDocument } from "@/lib/machine-config/documents";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";
import type { YamlValue } from "@/lib/core/go-yaml";

const error = (path: string, message: string): ConfigIssue => ({ severity: "error", path, message });
const warning = (path: string, message: string): ConfigIssue => ({ severity: "warning", path, message });
const filled = (value: YamlValue | undefined): boolean => value !== undefined && value !== null && value !== "";

/** The rules that concern the v1alpha1 document (types/v1alpha1/v1alpha1_validation.go). */
export function legacyIssues(
  legacy: MachineConfigDocument,
  documents: readonly MachineConfigDocument[],
  contract: VersionContract,
): ConfigIssue[] {
  const at = (path: string): YamlValue | undefined => valueAt(legacy, path.split("."));
  if (!filled(at("machine"))) return [error("machine", "The machine section is missing.")];
  const issues: ConfigIssue[] = [];
  if (!filled(at("cluster"))) issues.push(error("cluster", "The cluster section is missing."));
  if (at("persist") === false) issues.push(error("persist", "Talos refuses configs that are not persisted."));
  const type = at("machine.type");
  if (type !== "worker" && type !== "controlplane" && type !== "init") {
    issues.push(error("machine.type", "The machine type has to be controlplane or worker."));
  }
  if (!filled(at("machine.token"))) issues.push(error("machine.token", "The machine token is missing."));
  issues.push(...installIssues(at, contract));
  issues.push(...(type === "worker" ? workerIssues(at) : controlPlaneIssues(at, documents)));
  issues.push(...clusterIssues(at, documents));
  return issues;
}

type At = (path: string) => YamlValue | undefined;

function installIssues(at: At, contract: VersionContract): ConfigIssue[] {
  const install = at("machine.install");
  if (!filled(install)) {
    return contractAtLeast(contract, "1.14")
      ? []
      : [error("machine.install", "The install section is missing: Talos does not know what to install to.")];
  }
  const issues: ConfigIssue[] = [];
  if (!filled(at("machine.install.disk")) && !filled(at("machine.install.diskSelector"))) {
    issues.push(error("machine.install.disk", "Neither a disk nor a disk selector is given to install to."));
  }
  const kernelArguments = at("machine.install.extraKernelArgs");
  if (Array.isArray(kernelArguments) && kernelArguments.length > 0) {
    if (at("machine.install.grubUseUKICmdline") === true) {
      issues.push(
        error(
          "machine.install.extraKernelArgs",
          "Kernel arguments cannot be given here with grubUseUKICmdline; put them into the schematic.",
        ),
      );
    } else if (contractAtLeast(contract, "1.12")) {
      issues.push(
        warning(
          "machine.install.extraKernelArgs",
          "Kernel arguments here are ignored where systemd-boot starts the machine; the schematic is the place.",
        ),
      );
    }
  }
  return issues;
}

function workerIssues(at: At): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const accepted = at("machine.acceptedCAs");
  if (!filled(at("machine.ca.crt")) && !(Array.isArray(accepted) && accepted.length > 0)) {
    issues.push(error("machine.ca.crt", "The certificate of the Talos API's authority is missing."));
  }
  for (const path of ["machine.ca.key", "cluster.ca.key", "cluster.aggregatorCA.key", "cluster.serviceAccount.key"]) {
    if (filled(at(path))) issues.push(error(path, "A worker must not hold this key."));
  }
  if (filled(at("cluster.etcd"))) issues.push(error("cluster.etcd", "A worker runs no etcd; the section is refused."));
  const interfaces = at("machine.network.interfaces");
  if (Array.isArray(interfaces) && (interfaces as YamlValue[]).some((device) => filled(valueAt(device, ["vip"])))) {
    issues.push(error("machine.network.interfaces.vip", "A virtual address belongs to control plane nodes only."));
  }
  return issues;
}

function controlPlaneIssues(at: At, documents: readonly MachineConfigDocument[]): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  for (const path of ["machine.ca.crt", "machine.ca.key"]) {
    if (!filled(at(path)))
      issues.push(error(path, "A control plane node needs the authority of the Talos API with its key."));
  }
  const runsKubernetes = filled(at("cluster.ca")) || documentOfKind(documents, "KubeAPIServerCAConfig") !== undefined;
  const encrypts =
    filled(at("cluster.secretboxEncryptionSecret")) ||
    filled(at("cluster.aescbcEncryptionSecret")) ||
    documentOfKind(documents, "KubeEtcdEncryptionConfig") !== undefined;
  if (runsKubernetes && !encrypts)
    issues.push(
      error("cluster.secretboxEncryptionSecret", "The key that encrypts Kubernetes secrets in etcd is missing."),
    );
  return issues;
}

function clusterIssues(at: At, documents: readonly MachineConfigDocument[]): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const endpoint =
    at("cluster.controlPlane.endpoint") ?? valueAt(documentOfKind(documents, "KubeClusterConfig"), ["endpoint"]);
  if (!filled(endpoint))
    issues.push(error("cluster.controlPlane.endpoint", "The address of the cluster's API server is missing."));
  else if (!clusterEndpoint.safeParse(endpoint).success) {
    issues.push(
      warning("cluster.controlPlane.endpoint", "The address of the API server is usually https://host:port."),
    );
  }
  const discovery =
    at("cluster.discovery.enabled") === true || documentOfKind(documents, "DiscoveryServiceConfig") !== undefined;
  const identity = documentOfKind(documents, "DiscoveryIdentityConfig");
  const known = (legacyPath: string, field: string) => filled(at(legacyPath)) || filled(valueAt(identity, [field]));
  if (discovery && !(known("cluster.id", "clusterID") && known("cluster.secret", "clusterSecret"))) {
    issues.push(error("cluster.id", "Discovery is on, and needs the cluster's id and secret."));
  }
  const kubespan =
    at("machine.network.kubespan.enabled") === true ||
    valueAt(documentOfKind(documents, "KubeSpanConfig"), ["enabled"]) === true;
  if (kubespan && !discovery) issues.push(error("cluster.discovery", "KubeSpan needs discovery, which is off."));
  return issues;
}
