import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { atLeast } from "../factory/releases";

/** A type of resource that Talos registers (runtime/v1alpha2/v1alpha2_state.go of 1.12.0, 1.13.0 and 1.14.1), as `talosctl` reads it. */
export type Definition = {
  readonly type: string;
  readonly displayType: string;
  readonly namespace: string;
  readonly since: string;
  readonly until: string | null;
  /** From which release on only the admin reads it. */
  readonly sensitiveSince: string | null;
  readonly aliases: readonly string[];
  readonly allAliases: readonly string[];
  readonly columns: readonly { readonly name: string; readonly jsonPath: string }[];
};

const row = z.tuple([
  z.string().regex(/^[A-Z]\w*\.[\w.]+$/),
  z.string(),
  z.string(),
  z.string().regex(/^1\.\d+$/),
  z.string(),
  z.string(),
  z.enum(["exact", "-"]),
  z.string(),
  z.string(),
]);

const listOf = (text: string, separator: string): string[] => (text === "-" ? [] : text.split(separator));
const releaseOf = (text: string): string | null => (text === "-" ? null : `${text}.0`);

/** Every name that a type goes by besides those that it brings: its short forms, and itself with parts of its suffix (COSI meta/spec Fill). */
function namesOf(type: string, displayType: string, own: readonly string[]): { aliases: string[]; all: string[] } {
  const [name = "", ...suffix] = type.split(".");
  const capitals = name.replace(/[^A-Z]/g, "");
  const initials = capitals.length < 2 ? [] : capitals.endsWith("S") ? [capitals] : [capitals, `${capitals}s`];
  const aliases = [...own, ...[displayType, ...initials].map((alias) => alias.toLowerCase())];
  const longer = suffix.map((_part, index) => [name.toLowerCase(), ...suffix.slice(0, index)].join("."));
  return { aliases, all: [...longer, ...aliases] };
}

function parseRow(line: string): Definition {
  const [type, displayType, namespace, since, until, sensitive, names, aliases, columns] = row.parse(line.split("\t"));
  const own = listOf(aliases, " ");
  const known = names === "exact" ? { aliases: own, all: own } : namesOf(type, displayType, own);
  return {
    type,
    displayType,
    namespace,
    since: `${since}.0`,
    until: releaseOf(until),
    sensitiveSince: releaseOf(sensitive),
    aliases: known.aliases,
    allAliases: known.all,
    columns: listOf(columns, " | ").map((column) => {
      const at = column.indexOf(" {");
      return { name: column.slice(0, at), jsonPath: column.slice(at + 1) };
    }),
  };
}

/** Of every release; one line each in the table. */
export const definitions: readonly Definition[] = readFileSync(
  path.join(import.meta.dirname, "definitions.tsv"),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .slice(1)
  .map(parseRow);

const byLowerName = new Map(definitions.map((definition) => [definition.type.toLowerCase(), definition]));

const isKnown = ({ since, until }: Definition, release: string): boolean =>
  atLeast(release, since) && (until === null || !atLeast(release, until));

/** The definition that a release has of a type, whose name may be written in any case. */
export function definitionOf(type: string, release: string): Definition | undefined {
  const definition = byLowerName.get(type.toLowerCase());
  return definition && isKnown(definition, release) ? definition : undefined;
}

export const definitionsOf = (release: string): readonly Definition[] =>
  definitions.filter((definition) => isKnown(definition, release));

export const isSensitive = ({ sensitiveSince }: Definition, release: string): boolean =>
  sensitiveSince !== null && atLeast(release, sensitiveSince);
