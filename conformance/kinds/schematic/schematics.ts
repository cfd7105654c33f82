import { bootloaders } from "@/lib/schematic/decode";
import { enrollKeysModes } from "@/lib/schematic/document";
import type { Kind } from "../../kind";
import type { Random } from "../../random";
import { hostileKey, hostileText, hostileValue } from "../hostile";
import { schematicDiffers } from "./schematic-differs";

const extensions = ["siderolabs/gvisor", "siderolabs/nvidia-open-gpu-kernel-modules-production", "siderolabs/amdgpu"];

/** JSON that YAML reads as the same: every character beyond printable ASCII as a YAML escape. */
const yamlOfJson = (value: unknown): string =>
  Array.from(JSON.stringify(value), (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x20 && code < 0x7f) return character;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  }).join("");

const text = (random: Random) => hostileText(random);

function document(random: Random): unknown {
  return random.some(0.85, {
    overlay: () =>
      random.chance(0.4)
        ? {}
        : random.some(0.8, {
            image: () => text(random),
            name: () => text(random),
            options: () => Object.fromEntries(random.list(4, () => [hostileKey(random), hostileValue(random, 3)])),
          }),
    customization: () =>
      random.some(0.5, {
        embeddedMachineConfiguration: () => text(random),
        extraKernelArgs: () => random.list(5, () => text(random)),
        meta: () => random.list(3, () => ({ key: random.below(256), value: text(random) })),
        systemExtensions: () => ({
          officialExtensions: random.list(4, () => (random.chance(0.7) ? random.pick(extensions) : text(random))),
        }),
        bootloader: () => random.pick(bootloaders),
        secureboot: () =>
          random.some(0.6, {
            enrollKeys: () => random.pick(enrollKeysModes),
            includeWellKnownCertificates: () => random.chance(0.5),
          }),
        diskImage: () => ({ sectorSize: random.pick([0, 512, 4096]) }),
        ...(random.chance(0.02) ? { unknownMember: () => 1 } : {}),
      }),
  });
}

/** Canonical bytes and ID of random documents against the Image Factory's own library. */
export const schematics: Kind<{ document: unknown }> = {
  name: "schematics",

  cases: 2_000,
  make: (random) => ({ document: document(random) }),
  differs(made, judge) {
    return schematicDiffers(yamlOfJson(made.document), judge);
  },
};
