import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { refuseOtherFile, refusePlainText } from "@/lib/core/file-kind/refuse";
import type { YamlValue } from "@/lib/core/go-yaml";
import { parseYamlNodes, readingYaml } from "@/lib/core/yaml";
import { resolveUntyped } from "@/lib/core/yaml-untyped";
import { bootloaders, decodeSchematic, type SchematicIssue } from "./decode";

/** Longest schematic that Ichor handles; an embedded machine configuration is what makes them long. */
export const maxSchematicBytes = 256 * 1024;

export const enrollKeysModes = ["off", "manual", "if-safe", "force"] as const;

// `decodeSchematic` has judged what these hold; here only the shape is said.
const text = z.string();
const absent = <T extends z.ZodType>(schema: T) => schema.nullish();
const yamlValue: z.ZodType<YamlValue> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    // Infinity and NaN are numbers of YAML.
    z.custom<number>((value) => typeof value === "number"),
    z.bigint(),
    z.string(),
    z.array(yamlValue),
    z.record(z.string(), yamlValue),
  ]),
);

/** The factory reads an absent key as 0 and an absent value as the empty text, and writes both. */
export const schematicMeta = z.strictObject({
  key: z.number().int().min(0).max(255).default(0),
  value: text.default(""),
});

export const schematicOverlay = z.strictObject({
  image: absent(text),
  name: absent(text),
  options: absent(z.record(z.string(), yamlValue)),
});

export const schematicSecureboot = z.strictObject({
  /** As it was written: the factory takes any text, and the build of an image refuses those that are no mode. */
  enrollKeys: absent(text),
  includeWellKnownCertificates: absent(z.boolean()),
});

/** The document that the Image Factory takes; a member that is null or empty is the same as an absent one. */
export const schematicDocument = z.strictObject({
  owner: absent(text),
  overlay: absent(schematicOverlay),
  customization: absent(
    z.strictObject({
      embeddedMachineConfiguration: absent(text),
      extraKernelArgs: absent(z.array(text).max(1000)),
      meta: absent(z.array(schematicMeta).max(1000)),
      systemExtensions: absent(z.strictObject({ officialExtensions: absent(z.array(text).max(1000)) })),
      bootloader: absent(z.enum(bootloaders)),
      secureboot: absent(schematicSecureboot),
      diskImage: absent(z.strictObject({ sectorSize: absent(z.union([z.number(), z.bigint()])) })),
    }),
  ),
});
export type SchematicDocument = z.infer<typeof schematicDocument>;

const reference = "Compare it with the Image Factory's schematic reference.";

function refuseIssues(issues: readonly SchematicIssue[]): void {
  const [first] = issues;
  if (!first) return;
  const fields: Record<string, string> = {};
  for (const { path, place, problem } of issues.slice(0, 20))
    fields[path || "document"] ??= `${problem} (line ${place.line})`;
  throw new AppError(
    "invalid-input",
    `The schematic cannot be used: ${first.path || "document"}: ${first.problem} (line ${first.place.line}).`,
    { fields, hint: first.hint ?? reference },
  );
}

/** Nothing but comments, empty lines and document ends: go-yaml finds no document there, and says EOF. */
const isWithoutDocument = (yaml: string): boolean =>
  yaml.split(/\r?\n/).every((line) => /^\s*(?:#.*)?$/.test(line) || /^\.\.\.\s*$/.test(line));

/**
 * Reads a schematic from YAML or JSON text, as the Image Factory does: the first document of the text, decoded into its structs.
 *
 * @throws AppError `invalid-input` with the line, the member that does not fit, or what else the text is.
 */
export function parseSchematic(yaml: string): SchematicDocument {
  const what = "The schematic";
  refusePlainText(yaml, "schematic");
  const [tree] = parseYamlNodes(yaml, { what, maxBytes: maxSchematicBytes, firstOnly: true });
  if (!tree || isWithoutDocument(yaml)) {
    throw new AppError(
      "invalid-input",
      "The schematic is empty: there is nothing but comments, which the Image Factory refuses (EOF).",
      {
        hint: "Write {} for a schematic without any customization.",
      },
    );
  }
  refuseOtherFile([readingYaml(what, () => resolveUntyped(tree))], "schematic");
  const { value, issues } = readingYaml(what, () => decodeSchematic(tree));
  refuseIssues(issues);
  const parsed = schematicDocument.safeParse(value);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join(".") || "document";
  throw new AppError("invalid-input", `The schematic cannot be used: ${path} is not valid.`, { hint: reference });
}

/**
 * Reads a schematic from the values of its JSON, as the factory would read that JSON.
 * @throws AppError as `parseSchematic`.
 */
export const readSchematic = (value: unknown): SchematicDocument =>
  parseSchematic(JSON.stringify(value).replace(/[\u0085\u2028\u2029]/g, escaped));

/** JSON leaves these as they are, and go-yaml takes them for ends of lines. */
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The document's extensions and kernel arguments, never null. */
export const extensionsOf = (document: SchematicDocument): readonly string[] =>
  document.customization?.systemExtensions?.officialExtensions ?? [];
export const kernelArgsOf = (document: SchematicDocument): readonly string[] =>
  document.customization?.extraKernelArgs ?? [];
