import { bareExtension, driversForCard, driversIn, gpuDrivers, moduleName } from "@/lib/gpu/drivers";
import { extensionsOf, type SchematicDocument } from "@/lib/schematic/document";
import type { PlanNodeFacts } from "./plan-facts";

function missingExtensions(node: PlanNodeFacts, wanted: readonly string[]): string[] {
  const loaded = new Set(node.extensions.map(({ name }) => name));
  const missing = wanted.filter((name) => !loaded.has(name));
  // Some extensions call themselves otherwise than their image does: as many strangers explain as many absent ones.
  const strangers = [...loaded].filter((name) => !wanted.includes(name)).length;
  // Those of GPU drivers are known by the name of their image.
  const sure = (name: string) => driversIn([name]).length > 0 || name.startsWith("nvidia-");
  return missing.length > strangers ? missing : missing.filter(sure);
}

function missingModules(node: PlanNodeFacts, wanted: readonly string[]): string[] {
  const { loadedModules, configuredModules, gpus } = node;
  if (loadedModules === null) return [];
  const live = new Set(loadedModules.map(moduleName));
  const asked = new Set(configuredModules?.map(moduleName) ?? []);
  const drivers = [...new Set(gpus.flatMap((gpu) => driversForCard(gpu, wanted)))];
  return drivers
    .flatMap((driver) => {
      const { modules, loadedBy } = gpuDrivers[driver];
      // What only the config loads, and it does not ask for, no image brings back.
      return loadedBy === "udev" ? modules : modules.filter((name) => asked.has(name));
    })
    .filter((name) => !live.has(name));
}

/**
 * What a node lacks of the image that it runs, in words: `the extension iscsi-tools`, `the kernel module nvidia`. Empty where
 * nothing is missing, and where its schematic's document is not known.
 */
export function missingParts(node: PlanNodeFacts, document: SchematicDocument | null): string[] {
  if (!document) return [];
  const wanted = extensionsOf(document).map(bareExtension);
  return [
    ...missingExtensions(node, wanted).map((name) => `the extension ${name}`),
    ...missingModules(node, wanted).map((name) => `the kernel module ${name}`),
  ];
}
