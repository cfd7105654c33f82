import { currentExtensionName } from "@/lib/gpu/extension-catalogue";
import type { GpuVendor } from "@/lib/gpu/schema";
import { extensionsOf, type SchematicDocument } from "@/lib/schematic/document";
import type { PlanNodeFacts } from "./plan-facts";

const bare = (extension: string): string => extension.slice(extension.lastIndexOf("/") + 1);

/** Driver extensions whose own name is that of their image, with the module that makes their cards work. */
const drivers: readonly { extension: RegExp; module: string; vendor: GpuVendor; byConfig: boolean }[] = [
  {
    extension: /^(?:nvidia-open-gpu-kernel-modules|nonfree-kmod-nvidia)-/,
    module: "nvidia",
    vendor: "nvidia",
    // The extension blacklists it: only the machine config loads it.
    byConfig: true,
  },
  { extension: /^amdgpu$/, module: "amdgpu", vendor: "amd", byConfig: false },
  { extension: /^i915$/, module: "i915", vendor: "intel", byConfig: false },
  { extension: /^xe$/, module: "xe", vendor: "intel", byConfig: false },
];

function missingExtensions(node: PlanNodeFacts, wanted: readonly string[]): string[] {
  const loaded = new Set(node.extensions.map(({ name }) => name));
  const missing = wanted.filter((name) => !loaded.has(name));
  // Some extensions call themselves otherwise than their image does: as many strangers explain as many absent ones.
  const strangers = [...loaded].filter((name) => !wanted.includes(name)).length;
  const sure = (name: string) => drivers.some(({ extension }) => extension.test(name)) || name.startsWith("nvidia-");
  return missing.length > strangers ? missing : missing.filter(sure);
}

function missingModules(node: PlanNodeFacts, wanted: readonly string[]): string[] {
  const { loadedModules, configuredModules } = node;
  if (loadedModules === null) return [];
  return drivers
    .filter(({ extension, vendor }) => wanted.some((name) => extension.test(name)) && hasCard(node, vendor))
    .filter(({ module, byConfig }) => !byConfig || configuredModules?.includes(module) === true)
    .map(({ module }) => module)
    .filter((module) => !loadedModules.includes(module));
}

const hasCard = ({ gpus }: PlanNodeFacts, vendor: GpuVendor): boolean => gpus.some((gpu) => gpu.vendor === vendor);

/**
 * What a node lacks of the image that it runs, in words: `the extension iscsi-tools`, `the kernel module nvidia`. Empty where
 * nothing is missing, and where its schematic's document is not known.
 */
export function missingParts(node: PlanNodeFacts, document: SchematicDocument | null): string[] {
  if (!document) return [];
  const wanted = extensionsOf(document).map(currentExtensionName).map(bare);
  return [
    ...missingExtensions(node, wanted).map((name) => `the extension ${name}`),
    ...missingModules(node, wanted).map((name) => `the kernel module ${name}`),
  ];
}
