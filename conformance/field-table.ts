import fs from "node:fs";
import path from "node:path";
import type { Judge } from "./judge";
import { mustGive } from "./judge";

type Table = { machinery: string; kinds: object; structs: object; named: object };

const folder = path.join(import.meta.dirname, "../lib/machine-config/fields");

/** Where the table of a release is kept. */
export const fieldTableFile = (release: string): string => path.join(folder, `talos-${release}.json`);

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]));
}

/** One line for each kind, struct and named type, so that a change of the libraries reads well as a diff. */
function written({ machinery, ...groups }: Table): string {
  const parts = (["kinds", "structs", "named"] as const).map((name) => {
    const lines = Object.entries(sorted(groups[name]) as object).map(
      ([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
    return `  ${JSON.stringify(name)}: {\n${lines.join(",\n")}\n  }`;
  });
  return `{\n  "machinery": ${JSON.stringify(machinery)},\n${parts.join(",\n")}\n}\n`;
}

/** The table that the judge's libraries give, as it is written to the file of the release. */
export const fieldTableOf = async (judge: Judge): Promise<string> =>
  written((await mustGive(judge.ask("fields", {}))) as Table);

/** Writes the table of the judge's release. */
export async function writeFieldTable(judge: Judge): Promise<string> {
  const file = fieldTableFile(judge.release);
  fs.writeFileSync(file, await fieldTableOf(judge));
  return file;
}
