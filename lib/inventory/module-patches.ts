import { emitGoYamlDocuments, type GoYamlInput, type YamlValue } from "@/lib/core/go-yaml";
import type { GpuProfile, ResolvedModule } from "@/lib/gpu/profile-schema";
import { replacedBy } from "@/lib/gpu/profiles";
import { isYamlMap, legacyDocument, type MachineConfigDocument, valueAt } from "@/lib/machine-config/documents";

/** A module that a config asks for: an entry of `machine.kernel.modules`, or a document of its own. */
type Configured = { name: string; parameters: string[]; document: boolean };

function configured(value: YamlValue, document: boolean): Configured[] {
  if (!isYamlMap(value) || typeof value.name !== "string") return [];
  const parameters = Array.isArray(value.parameters) ? value.parameters.map(String) : [];
  return [{ name: value.name, parameters, document }];
}

function configuredModules(documents: readonly MachineConfigDocument[]): Configured[] {
  const listed = valueAt(legacyDocument(documents), ["machine", "kernel", "modules"]);
  return [
    ...(Array.isArray(listed) ? listed.flatMap((entry: YamlValue) => configured(entry, false)) : []),
    ...documents.filter(({ kind }) => kind === "KernelModuleConfig").flatMap((one) => configured(one, true)),
  ];
}

function deletion(modules: readonly Configured[]): string | null {
  const listed = modules.filter(({ document }) => !document).map(({ name }) => ({ name, $patch: "delete" }));
  const patches: GoYamlInput[] = modules
    .filter(({ document }) => document)
    .map(({ name }) => ({ apiVersion: "v1alpha1", kind: "KernelModuleConfig", name, $patch: "delete" }));
  if (listed.length > 0) patches.unshift({ machine: { kernel: { modules: listed } } });
  return patches.length > 0 ? emitGoYamlDocuments(patches) : null;
}

/**
 * What has to change in a config so that it asks for the modules of its profiles. Modules of profiles that made way go: Talos would go on
 * asking for them, and without their extension they are not there; those that no profile of these vendors has are left alone. A module
 * whose parameters the profile sets otherwise goes as well and comes back as the profile has it, since lists only ever append.
 */
export function moduleChanges(
  documents: readonly MachineConfigDocument[],
  profiles: readonly GpuProfile[],
  wanted: readonly ResolvedModule[],
): { added: ResolvedModule[]; deletion: string | null } {
  const known = configuredModules(documents);
  const former = new Set(replacedBy(profiles).flatMap(({ kernelModules }) => kernelModules.map(({ name }) => name)));
  const wantedByName = new Map(wanted.map((one) => [one.name, one]));
  const fits = ({ name, parameters }: Configured): boolean => {
    const asked = wantedByName.get(name);
    if (!asked) return !former.has(name);
    // A profile without parameters has no opinion of those that somebody else has set.
    return asked.parameters.length === 0 || asked.parameters.join("\n") === parameters.join("\n");
  };
  const kept = new Set(known.filter(fits).map(({ name }) => name));
  return {
    added: wanted.filter(({ name }) => !kept.has(name)),
    deletion: deletion(known.filter((one) => !fits(one))),
  };
}
