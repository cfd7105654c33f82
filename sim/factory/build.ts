import { FactoryError } from "./error";
import type { RegisteredSchematic, SchematicRegistry } from "./registry";
import { atLeast, officialExtensions, releases } from "./releases";

/** What an asset is built from, or the factory's refusal: unknown schematic or release, an extension that the release lacks. */
export function buildable(
  registry: SchematicRegistry,
  schematicId: string,
  version: string,
): { schematic: RegisteredSchematic; release: string } {
  const release = version.startsWith("v") ? version : `v${version}`;
  const schematic = registry.get(schematicId);
  if (!schematic) throw new FactoryError(404, "schematic not found");
  if (!releases.includes(release))
    throw new FactoryError(404, `failed to build asset: version ${release} is not available`);
  const known = new Set(officialExtensions(release));
  const absent = schematic.extensions.find((name) => !known.has(name));
  if (absent)
    throw new FactoryError(
      400,
      `official extension "siderolabs/${absent}" is not available for Talos version ${release}`,
    );
  if (schematic.document.customization?.embeddedMachineConfiguration && !atLeast(release, "1.12.0"))
    throw new FactoryError(400, "embedded machine configuration is not supported");
  return { schematic, release };
}

/** The kernel command line of an asset. */
export const assetCmdline = (schematic: RegisteredSchematic, platform: string): string =>
  [
    `talos.platform=${platform}`,
    "console=tty0",
    "slab_nomerge",
    "pti=on",
    "consoleblank=0",
    "printk.devkmsg=on",
    "selinux=1",
    ...schematic.kernelArgs,
  ].join(" ");
