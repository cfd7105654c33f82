import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { refuseOtherFile, refusePlainText } from "@/lib/core/file-kind/refuse";
import { parseYaml } from "@/lib/core/yaml";

/** Longest schematic that Ichor handles; an embedded machine configuration is what makes them long. */
export const maxSchematicBytes = 256 * 1024;

// Half of a surrogate pair has no UTF-8 form, so there would be nothing to hash.
const text = z.string().refine((value) => !/\p{Surrogate}/u.test(value), "holds half of a character");
const list = <T extends z.ZodType>(item: T) => z.array(item).max(1000).nullish();
const lowered = <const T extends readonly string[]>(values: T) =>
  z.preprocess((value) => (typeof value === "string" ? value.toLowerCase() : value), z.enum(values)).nullish();

export const bootloaders = ["none", "dual-boot", "sd-boot", "grub"] as const;
export const enrollKeysModes = ["off", "manual", "if-safe", "force"] as const;

export const schematicMeta = z.strictObject({ key: z.number().int().min(0).max(255), value: text });

export const schematicOverlay = z.strictObject({
  image: text.nullish(),
  name: text.nullish(),
  options: z.record(text, z.json()).nullish(),
});

export const schematicSecureboot = z.strictObject({
  enrollKeys: lowered(enrollKeysModes),
  includeWellKnownCertificates: z.boolean().nullish(),
});

/**
 * The document that the Image Factory takes. Unknown members are refused, as the factory does (image-factory
 * `pkg/schematic/schematic.go`); a member that is null or empty is the same as an absent one.
 */
export const schematicDocument = z.strictObject({
  owner: text.nullish(),
  overlay: schematicOverlay.nullish(),
  customization: z
    .strictObject({
      embeddedMachineConfiguration: text.nullish(),
      extraKernelArgs: list(text),
      meta: list(schematicMeta),
      systemExtensions: z.strictObject({ officialExtensions: list(text) }).nullish(),
      bootloader: lowered(bootloaders),
      secureboot: schematicSecureboot.nullish(),
      diskImage: z
        .strictObject({
          sectorSize: z
            .number()
            .int()
            .min(0)
            .max(2 ** 32 - 1)
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
export type SchematicDocument = z.infer<typeof schematicDocument>;

/** What a person reads of a zod issue, with the place first. */
function sentenceOf(error: z.ZodError): { message: string; fields: Record<string, string> } {
  const fields: Record<string, string> = {};
  for (const issue of error.issues.slice(0, 20)) fields[issue.path.join(".") || "document"] ??= issue.message;
  const [place = "document", problem = "is not valid"] = Object.entries(fields)[0] ?? [];
  return { message: `The schematic cannot be used: ${place}: ${problem}.`, fields };
}

/**
 * Reads a schematic from plain values.
 * @throws AppError `invalid-input` naming the first member that does not fit.
 */
export function readSchematic(value: unknown): SchematicDocument {
  refuseOtherFile([value], "schematic");
  const parsed = schematicDocument.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const { message, fields } = sentenceOf(parsed.error);
  throw new AppError("invalid-input", message, {
    fields,
    hint: "Compare it with the Image Factory's schematic reference.",
  });
}

/**
 * Reads a schematic from YAML or JSON text.
 * @throws AppError `invalid-input` with the line, or the member that does not fit.
 */
export function parseSchematic(yaml: string): SchematicDocument {
  refusePlainText(yaml, "schematic");
  return readSchematic(parseYaml(yaml, { what: "The schematic", maxBytes: maxSchematicBytes }));
}

/** The document's extensions and kernel arguments, never null. */
export const extensionsOf = (document: SchematicDocument): readonly string[] =>
  document.customization?.systemExtensions?.officialExtensions ?? [];
export const kernelArgsOf = (document: SchematicDocument): readonly string[] =>
  document.customization?.extraKernelArgs ?? [];
