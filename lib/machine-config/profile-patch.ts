import { emitGoYaml, emitGoYamlDocuments, type GoYamlInput } from "@/lib/core/go-yaml";
import { naturalSort } from "@/lib/core/go-yaml-sort";
import { contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";

export type KernelModule = { name: string; parameters?: readonly string[] };

export type ProfilePatchInput = {
  kernelModules: readonly KernelModule[];
  sysctls: Readonly<Record<string, string>>;
  contract: VersionContract;
};

/**
 * What a GPU profile asks of a node, as a strategic merge patch: `machine.kernel.modules` and `machine.sysctls` up to 1.13, KernelModuleConfig
 * and SysctlConfig documents from 1.14 on (Talos 1.14 merges both, the documents win). Null when the profile asks for nothing.
 *
 * Modules in `machine.kernel.modules` append when the patch is applied; apply it to a config that was generated, not to one that has it.
 */
export function profilePatch({ kernelModules, sysctls, contract }: ProfilePatchInput): string | null {
  const hasSysctls = Object.keys(sysctls).length > 0;
  if (kernelModules.length === 0 && !hasSysctls) return null;
  const sorted = hasSysctls ? naturalSort(sysctls) : undefined;
  const modules = kernelModules.map(({ name, parameters }) => ({
    name,
    parameters: parameters?.length ? parameters : undefined,
  }));
  if (!contractAtLeast(contract, "1.14")) {
    return emitGoYaml({ machine: { sysctls: sorted, kernel: modules.length > 0 ? { modules } : undefined } });
  }
  const documents: GoYamlInput[] = modules.map((module) => ({
    apiVersion: "v1alpha1",
    kind: "KernelModuleConfig",
    ...module,
  }));
  if (sorted !== undefined) documents.push({ apiVersion: "v1alpha1", kind: "SysctlConfig", params: sorted });
  return emitGoYamlDocuments(documents);
}
