import { createHash } from "node:crypto";
import { emitGoYaml, type GoYamlInput, type GoYamlOptions, type YamlMap } from "@/lib/core/go-yaml";
import { naturalSort } from "@/lib/core/go-yaml-sort";
import type { SchematicDocument } from "./document";

type Flavor = NonNullable<GoYamlOptions["flavor"]>;

/** Which go-yaml a factory uses: 1.5 and newer write `v4-rc6`, 1.4 and older `v4-rc4`. They differ in a few words only. */
export const factoryFlavors = ["v4-rc6", "v4-rc4"] as const satisfies readonly Flavor[];

const nonEmpty = <T>(items: readonly T[] | null | undefined): readonly T[] | undefined =>
  items && items.length > 0 ? items : undefined;

/** A map without its absent members, or undefined where nothing is left: Go's `omitempty` for structs. */
function struct(members: Record<string, GoYamlInput | undefined>): GoYamlInput | undefined {
  return Object.values(members).some((member) => member !== undefined) ? members : undefined;
}

function overlayOf({ overlay }: SchematicDocument): GoYamlInput | undefined {
  if (!overlay) return undefined;
  const options = overlay.options && Object.keys(overlay.options).length > 0 ? overlay.options : undefined;
  if (!overlay.image && !overlay.name && !options) return undefined;
  // Image and name are written even when empty.
  return {
    image: overlay.image ?? "",
    name: overlay.name ?? "",
    options: options ? naturalSort(options as YamlMap) : undefined,
  };
}

/** The document in the order and with the omissions of image-factory's structs (`pkg/schematic/schematic.go`). */
function ordered(document: SchematicDocument): GoYamlInput {
  const { owner, customization } = document;
  const { embeddedMachineConfiguration, extraKernelArgs, meta, systemExtensions, bootloader, secureboot, diskImage } =
    customization ?? {};
  return {
    owner: owner || undefined,
    overlay: overlayOf(document),
    customization: {
      embeddedMachineConfiguration: embeddedMachineConfiguration || undefined,
      extraKernelArgs: nonEmpty(extraKernelArgs),
      meta: nonEmpty(meta?.map(({ key, value }) => ({ key, value }))),
      systemExtensions: struct({ officialExtensions: nonEmpty(systemExtensions?.officialExtensions) }),
      bootloader: bootloader && bootloader !== "none" ? bootloader : undefined,
      secureboot: struct({
        enrollKeys: secureboot?.enrollKeys || undefined,
        includeWellKnownCertificates: secureboot?.includeWellKnownCertificates || undefined,
      }),
      diskImage: struct({ sectorSize: diskImage?.sectorSize || undefined }),
    },
  };
}

/** The exact text that the Image Factory hashes. `flavor` tells which factory: 1.5 and newer by default. */
export const canonicalSchematic = (document: SchematicDocument, flavor: Flavor = "v4-rc6"): string =>
  emitGoYaml(ordered(document), { flavor });

/** The ID of a canonical text: lower-case hex SHA-256. */
export const idOfCanonical = (canonical: string): string =>
  createHash("sha256").update(canonical, "utf8").digest("hex");

/** The schematic's ID, as the Image Factory (1.5 and newer by default) would give it. */
export const schematicId = (document: SchematicDocument, flavor: Flavor = "v4-rc6"): string =>
  idOfCanonical(canonicalSchematic(document, flavor));

/** The ID of the schematic without any customization: what Talos installs by default. */
export const emptySchematicId = schematicId({});

/** Every ID that a factory may rightly give, the newest factory's first; one entry unless they quote a word differently. */
export function acceptableForms(document: SchematicDocument): { id: string; canonical: string }[] {
  const texts = new Set(factoryFlavors.map((flavor) => canonicalSchematic(document, flavor)));
  return [...texts].map((canonical) => ({ id: idOfCanonical(canonical), canonical }));
}

function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (Array.isArray(value)) for (const item of value) yield* stringsOf(item);
  else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      yield key;
      yield* stringsOf(member);
    }
  }
}

/**
 * Why the ID computed here is only a forecast, one sentence each; empty for ordinary documents. Factories of different
 * versions write these values differently, so the factory's own answer decides.
 */
export function serverOnlyReasons(document: SchematicDocument): string[] {
  const reasons: string[] = [];
  if (acceptableForms(document).length > 1) {
    reasons.push("It holds a word such as on, off, yes or 1:20, which Image Factory 1.5 quotes differently than 1.4.");
  }
  if (document.overlay?.options && Object.keys(document.overlay.options).length > 0) {
    reasons.push("It has overlay options, whose numbers and order depend on the factory's version.");
  }
  const strings = [...stringsOf(document)];
  if (strings.some((value) => value.startsWith("\n") || (value.includes("\n") && value.trim() === ""))) {
    reasons.push(
      "It holds a text that starts with a line break, which factories of different versions write differently.",
    );
  }
  if (strings.some((value) => /^[ \t]/.test(value) && value.includes("\n"))) {
    reasons.push(
      "It holds a text of several lines that starts with a space or a tab, which factories write in a form that cannot be read back.",
    );
  }
  if (strings.some((value) => /[\p{Cc}\u2028\u2029\ufeff]/u.test(value.replaceAll("\n", "").replaceAll("\t", "")))) {
    reasons.push("It holds control characters, which factories of different versions write differently.");
  }
  return reasons;
}
