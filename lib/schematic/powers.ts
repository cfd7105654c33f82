import { type Power, powerOfExtension, powerOfKernelArg } from "@/lib/gpu/meaning/profile-powers";
import { extensionsOf, kernelArgsOf, type SchematicDocument } from "./document";

/** An overlay of Sidero Labs for a single-board computer, as its boot loader needs it. */
const boardOverlay = /^siderolabs\/sbc-[a-z0-9-]{1,40}$/;

type Found = { key: string; power: Power };

function restOf({ overlay, customization }: SchematicDocument): Found[] {
  const found: Found[] = [];
  const add = (key: unknown, what: string, does: string) =>
    found.push({
      key: JSON.stringify([what, key], (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
      power: { what, does },
    });
  const options = overlay?.options && Object.keys(overlay.options).length > 0;
  if (overlay && ((overlay.image && !boardOverlay.test(overlay.image)) || options))
    add(
      overlay,
      "Its overlay",
      options
        ? "has options, which change how the machine's firmware starts it"
        : "is not one of Sidero Labs', and runs as root when the image is installed",
    );
  for (const { key, value } of customization?.meta ?? [])
    add(
      [key, value],
      `META value 0x${key.toString(16)}`,
      "is written into the machine, where network, name and config are taken from",
    );
  if (customization?.embeddedMachineConfiguration)
    add(
      customization.embeddedMachineConfiguration,
      "Its embedded machine configuration",
      "decides everything of a machine that starts with it",
    );
  if (customization?.secureboot?.enrollKeys?.toLowerCase() === "force")
    add("force", "secureboot.enrollKeys", "writes keys into the machine's firmware without asking");
  return found;
}

function found(document: SchematicDocument): Found[] {
  const judged = [
    ...extensionsOf(document).map((name) => ({ key: `extension ${name}`, power: powerOfExtension(name) })),
    ...kernelArgsOf(document).map((arg) => ({ key: `argument ${arg}`, power: powerOfKernelArg(arg) })),
  ];
  return [...judged.flatMap(({ key, power }) => (power === null ? [] : [{ key, power }])), ...restOf(document)];
}

/**
 * What a schematic holds that only an administrator may decide, beyond what `running` holds already: an image that keeps what
 * somebody built into the node's present one gives nobody a new power. Pure.
 */
export function powersOf(document: SchematicDocument, running: SchematicDocument | null = null): Power[] {
  const before = new Set(running === null ? [] : found(running).map(({ key }) => key));
  return found(document)
    .filter(({ key }) => !before.has(key))
    .map(({ power }) => power);
}
