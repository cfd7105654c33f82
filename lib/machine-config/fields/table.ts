import { z } from "zod";
import talos112 from "@/lib/machine-config/fields/talos-1.12.json";
import talos113 from "@/lib/machine-config/fields/talos-1.13.json";
import talos114 from "@/lib/machine-config/fields/talos-1.14.json";
import { parseFieldType, type FieldType } from "@/lib/machine-config/fields/field-type";
import type { VersionContract } from "@/lib/machine-config/schema";

/*
 * How each release decodes its config documents: kinds, structs with their keys, and types that have a decoder of their own. Written from
 * the libraries by reflection (`npm run conformance -- --write-fields`, conformance/judge/fields.go), and compared with them in each run.
 */

const namedType = z.object({
  decoder: z.enum(["text", "yaml"]),
  base: z.string(),
  fields: z.record(z.string(), z.string()).optional(),
  words: z.array(z.string()).optional(),
  ignoresCase: z.boolean().optional(),
  joined: z.boolean().optional(),
  empty: z.boolean().optional(),
});

const writtenTable = z.object({
  machinery: z.string(),
  kinds: z.record(z.string(), z.string()),
  structs: z.record(z.string(), z.record(z.string(), z.string())),
  named: z.record(z.string(), namedType),
});

/** A type that Talos decodes by code of its own: from the text of a scalar (`text`), or from any node (`yaml`). */
export type NamedType = {
  decoder: "text" | "yaml";
  /** Keys of a mapping that it takes (certificates: `crt`, `key`). */
  fields: ReadonlyMap<string, FieldType> | null;
  /** An enumeration's words; null for anything else. */
  words: readonly string[] | null;
  ignoresCase: boolean;
  /** Several words with commas between are taken. */
  joined: boolean;
  /** The empty text is taken. */
  empty: boolean;
  /** What is beneath, for lists with a decoder of their own. */
  base: FieldType | null;
};

export type FieldTable = {
  /** `1.14.1`: the release of the libraries that the table was read from. */
  machinery: string;
  /** Document kind (`v1alpha1` for the one without a kind) to the name of its struct. */
  kinds: ReadonlyMap<string, string>;
  /** Name to fields; the key `*` stands for all others. */
  structs: ReadonlyMap<string, ReadonlyMap<string, FieldType>>;
  named: ReadonlyMap<string, NamedType>;
};

function readTable(json: unknown): FieldTable {
  const table = writtenTable.parse(json);
  const names = { structs: new Set(Object.keys(table.structs)), named: new Set(Object.keys(table.named)) };
  const fields = (written: Record<string, string>) =>
    new Map(Object.entries(written).map(([key, text]) => [key, parseFieldType(text, names)]));
  return {
    machinery: table.machinery,
    kinds: new Map(Object.entries(table.kinds)),
    structs: new Map(Object.entries(table.structs).map(([name, written]) => [name, fields(written)])),
    named: new Map(
      Object.entries(table.named).map(([name, written]) => [
        name,
        {
          decoder: written.decoder,
          fields: written.fields ? fields(written.fields) : null,
          words: written.words ?? null,
          ignoresCase: written.ignoresCase ?? false,
          joined: written.joined ?? false,
          empty: written.empty ?? false,
          base: written.base === "struct" ? null : parseFieldType(written.base, names),
        },
      ]),
    ),
  };
}

// Contract 1.11 stands for releases whose libraries are not read; 1.12 knows all that they do, and more kinds (document-kinds.ts).
const written: Record<VersionContract, unknown> = {
  "1.11": talos112,
  "1.12": talos112,
  "1.13": talos113,
  "1.14": talos114,
};
const read = new Map<VersionContract, FieldTable>();

/** The field table of a contract; read once. */
export function fieldTable(contract: VersionContract): FieldTable {
  const known = read.get(contract);
  if (known) return known;
  const table = readTable(written[contract]);
  read.set(contract, table);
  return table;
}
