import { isPlainName, shownKernelArg, withheld } from "@/lib/gpu/meaning/kernel-args";
import { canonicalSchematic } from "./canonical";
import { extensionsOf, kernelArgsOf, parseSchematic, type SchematicDocument } from "./document";

/** A schematic's text with the two lists that are asked for most. */
export type ShownSchematic = { text: string; extensions: string[]; kernelArgs: string[] };

const hidden = "(not shown: it may hold secrets)";
const extension = /^(?:[a-z0-9][a-z0-9._-]{0,62}\/){0,3}siderolabs\/[a-z0-9][a-z0-9._-]{0,60}$/;
const overlayImage = /^siderolabs\/sbc-[a-z0-9-]{1,30}$/;
/** The overlays of Sidero Labs' boards (siderolabs/overlays). */
const overlayName =
  /^(?:rpi_generic|rpi_5|rock64|rock4cplus|rock4se|rock5[abt]|rockpi_4c?|orangepi-(?:5|5-plus|r1-plus-lts)|nanopi-r[45]s|helios64|jetson_nano|bananapi_m64|libretech_all_h3_cc_h5|pine64|turingrk1|revpi_generic)$/;
const plainText = (text: string | null | undefined, known: RegExp): string | null | undefined =>
  !text || known.test(text) ? text : withheld;

/** Keys stay where they are short words; no value of an option is known to be harmless. */
const shownOptions = (options: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.keys(options).map((key) => [isPlainName(key) ? key : withheld, withheld]));

/** The document with what is known to be harmless, and nothing else: by what each member means, not by what it looks like. */
function withoutSecrets({ owner, overlay, customization }: SchematicDocument): SchematicDocument {
  const custom = customization ?? {};
  return {
    owner: owner ? withheld : owner,
    overlay: overlay && {
      image: plainText(overlay.image, overlayImage),
      name: plainText(overlay.name, overlayName),
      options: overlay.options && shownOptions(overlay.options),
    },
    customization: {
      embeddedMachineConfiguration: custom.embeddedMachineConfiguration ? hidden : null,
      extraKernelArgs: custom.extraKernelArgs?.map(shownKernelArg),
      meta: custom.meta?.map(({ key, value }) => ({ key, value: value === "" ? "" : withheld })),
      systemExtensions: {
        officialExtensions: custom.systemExtensions?.officialExtensions?.map((name) =>
          extension.test(name) && name.split(/[/.-]/).every((part) => part.length < 25) ? name : withheld,
        ),
      },
      bootloader: custom.bootloader,
      secureboot: custom.secureboot && {
        ...custom.secureboot,
        enrollKeys: plainText(custom.secureboot.enrollKeys, /^(?:off|manual|if-safe|force)$/i),
      },
      diskImage: custom.diskImage,
    },
  };
}

/** What people are shown of a schematic: its canonical text with every value withheld that is not known to be harmless. */
export function shownSchematic(document: SchematicDocument): ShownSchematic {
  const shown = withoutSecrets(document);
  return {
    text: canonicalSchematic(shown),
    extensions: [...extensionsOf(shown)],
    kernelArgs: [...kernelArgsOf(shown)],
  };
}

/** Is everything in it known to be harmless? Else nobody gets it without signing in. */
export const isHarmless = (document: SchematicDocument): boolean =>
  canonicalSchematic(withoutSecrets(document)) === canonicalSchematic(document);

/**
 * A text of others about a schematic (why the factory refuses it), without the values that are withheld of it, wherever the
 * text quotes them.
 */
export function withoutValuesOf(document: SchematicDocument, text: string): string {
  const lines = new Set(canonicalSchematic(withoutSecrets(document)).split("\n"));
  const hiddenTexts = canonicalSchematic(document)
    .split("\n")
    .filter((line) => !lines.has(line))
    .flatMap((line) => line.split(/[\s'"=&?,;@:/()]+/))
    .filter((part) => part.length >= 4 && !/^https?$/.test(part));
  return [...new Set(hiddenTexts)]
    .sort((left, right) => right.length - left.length)
    .reduce((rest, part) => rest.replaceAll(part, withheld), text);
}

/** As a node carries it, for what is computed from it; only an embedded machine configuration is left out. Never shown. */
function carriedSchematic(document: SchematicDocument): ShownSchematic {
  const { customization } = document;
  const kept = customization?.embeddedMachineConfiguration
    ? { ...document, customization: { ...customization, embeddedMachineConfiguration: hidden } }
    : document;
  return {
    text: canonicalSchematic(kept),
    extensions: [...extensionsOf(kept)],
    kernelArgs: [...kernelArgsOf(kept)],
  };
}

// The nodes of a fleet run a handful of schematics, and each tells its own anew at every connection.
const recent = new Map<string, ShownSchematic | null>();
const recentEntries = 64;

/** A schematic as a node carries it (show it with `shownSchematic`); null where it cannot be read: a newer factory's document may have members unknown here. */
export function schematicOfNode(yaml: string): ShownSchematic | null {
  if (yaml.trim() === "") return null;
  const known = recent.get(yaml);
  if (known !== undefined) return known;
  let shown: ShownSchematic | null = null;
  try {
    shown = carriedSchematic(parseSchematic(yaml));
  } catch {
    // Then only the ID is known.
  }
  const oldest = recent.size >= recentEntries ? recent.keys().next() : null;
  if (oldest && !oldest.done) recent.delete(oldest.value);
  recent.set(yaml, shown);
  return shown;
}
