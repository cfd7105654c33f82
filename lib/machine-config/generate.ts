import { emitGoYaml, emitGoYamlDocuments, type GoYamlOptions } from "@/lib/core/go-yaml";
import { parseYaml } from "@/lib/core/yaml";
import { isYamlMap, type MachineConfigDocument } from "@/lib/machine-config/documents";
import { clusterSection } from "@/lib/machine-config/generate-cluster";
import type { GenerateContext } from "@/lib/machine-config/generate-context";
import { machineDocuments, type GeneratedDocument } from "@/lib/machine-config/generate-documents";
import { kubernetesDocuments } from "@/lib/machine-config/generate-kubernetes";
import { machineSection } from "@/lib/machine-config/generate-machine";
import {
  clusterInput,
  contractAtLeast,
  type ClusterInput,
  type MachineRole,
  type NodeOptions,
  type VersionContract,
} from "@/lib/machine-config/schema";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";

export type GenerateMachineConfigInput = {
  bundle: SecretsBundle;
  cluster: ClusterInput;
  role: MachineRole;
  contract: VersionContract;
  node?: NodeOptions;
};

function generated({ bundle, cluster, role, contract, node = {} }: GenerateMachineConfigInput): GeneratedDocument[] {
  const context: GenerateContext = {
    bundle,
    cluster: clusterInput.parse(cluster),
    role,
    node,
    from: (minimum) => contractAtLeast(contract, minimum),
  };
  const legacy = {
    version: "v1alpha1",
    debug: false,
    persist: true,
    machine: machineSection(context),
    cluster: clusterSection(context),
  };
  return [legacy, ...machineDocuments(context), ...kubernetesDocuments(context)];
}

/**
 * A machine config as `talosctl gen config` writes it for a version contract, without comments: byte for byte the same for the same
 * secrets (held against upstream's stability files and libraries). `flavor` is the YAML library of the `talosctl` that is imitated, by default that
 * of the contract's own release. Everything in it is secret.
 *
 * @throws AppError `invalid-input` when the options do not fit together; ZodError for a cluster that was not parsed with `clusterInput`.
 */
export const generateMachineConfigText = (
  input: GenerateMachineConfigInput,
  flavor: GoYamlOptions["flavor"] = contractAtLeast(input.contract, "1.14") ? "v4-rc6" : "v4-rc4",
): string => emitGoYamlDocuments(generated(input), { flavor });

/** As `generateMachineConfigText`, as documents to go on with (patches, validation). Write them with `encodeMachineConfig`. */
export function generateMachineConfig(input: GenerateMachineConfigInput): MachineConfigDocument[] {
  return generated(input).map((document) => {
    const value = parseYaml(emitGoYaml(document, { readable: true }));
    if (!isYamlMap(value)) throw new Error("A generated document is not a mapping.");
    return value;
  });
}
