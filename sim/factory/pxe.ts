import { assetCmdline, buildable } from "./build";
import { FactoryError } from "./error";
import type { SchematicRegistry } from "./registry";

const architectures: Readonly<Record<string, string>> = {
  amd64: "amd64",
  x86_64: "amd64",
  i386: "amd64",
  arm64: "arm64",
};

/** The iPXE script of a schematic (image-factory internal/frontend/http/pxe.go). Throws FactoryError. */
export function pxeScript(
  registry: SchematicRegistry,
  { schematicId, release, target }: { schematicId: string; release: string; target: string },
  baseUrl: string,
): string {
  const built = buildable(registry, schematicId, release);
  const match = /^([a-z][a-z0-9-]*?)-(amd64|x86_64|i386|arm64)(-secureboot)?$/.exec(target);
  const arch = architectures[match?.[2] ?? ""];
  if (!match || !arch)
    throw new FactoryError(400, `error parsing profile from path: invalid architecture in ${target}`);
  const platform = match[1] ?? "metal";
  const image = `${baseUrl}/image/${schematicId}/${built.release}`;
  const cmdline = assetCmdline(built.schematic, platform);
  if (match[3]) return `#!ipxe\n\nimgfree\nkernel ${image}/${platform}-${arch}-secureboot-uki.efi ${cmdline}\nboot\n`;
  return `#!ipxe\n\nimgfree\nkernel ${image}/kernel-${arch} ${cmdline}\ninitrd ${image}/initramfs-${arch}.xz\nboot\n`;
}
