import { firstSameKey, mostYamlTokens, parseYamlStream, YamlOverBudget } from "@/lib/core/yaml-stream";

/** Nothing that such a file is for needs one; the library looks through all anchors at each. */
const mostAliases = 100;
const mostAliasCount = 20;

export type PlainYaml =
  | { state: "read"; value: unknown }
  /** No YAML, or a mapping that has a key twice; `offset` is where. */
  | { state: "unreadable"; offset: number }
  /** Aliases that would grow, or that name nothing. */
  | { state: "aliases" }
  /** `problem` is a clause: "it has more than …". */
  | { state: "too-large"; problem: string };

/**
 * The first document of a text as plain values, in time proportional to it; for files of other tools (talosconfig, kubeconfig), where it
 * does not matter how Go reads a scalar.
 *
 * @param schema `failsafe`: every scalar is its text; `core`: numbers, booleans and null as YAML 1.2 has them.
 */
export function parsePlainYaml(text: string, schema: "failsafe" | "core"): PlainYaml {
  try {
    const [document] = parseYamlStream(
      text,
      { schema, logLevel: "silent", firstOnly: true, forced: true },
      { mostTokens: mostYamlTokens, mostAliases },
    );
    if (!document) return { state: "read", value: null };
    const offsets = [document.errors[0]?.pos[0], firstSameKey(document)].filter((offset) => typeof offset === "number");
    if (offsets.length > 0) return { state: "unreadable", offset: Math.min(...offsets) };
    return { state: "read", value: document.toJS({ maxAliasCount: mostAliasCount }) as unknown };
  } catch (error) {
    if (error instanceof YamlOverBudget)
      return error.isOfAliases ? { state: "aliases" } : { state: "too-large", problem: error.problem };
    // The library's refusals of aliases as it makes values.
    if (error instanceof ReferenceError) return { state: "aliases" };
    throw error;
  }
}
