import { yamlNestingBound } from "@/lib/core/yaml-nesting";
import { firstSameKey, parseYamlStream } from "@/lib/core/yaml-stream";
import { yamlNodesBound } from "./yaml-nodes";

export type YamlCaps = { chars: number; nodes: number; depth: number };

/** A text is more than is parsed. `what` completes "it has …". */
export class YamlTooMuch extends Error {
  constructor(readonly what: string) {
    super(`it has ${what}`);
  }
}

/** @throws YamlTooMuch before anything is parsed. Returns the bound on its values. */
export function checkYamlCaps(text: string, { chars, nodes, depth }: YamlCaps): number {
  if (text.length > chars) throw new YamlTooMuch(`${text.length} characters, more than ${chars}`);
  const bound = yamlNodesBound(text);
  if (bound > nodes) throw new YamlTooMuch(`up to ${bound} YAML values, more than ${nodes}`);
  if (yamlNestingBound(text) > depth) throw new YamlTooMuch(`more than ${depth} YAML levels`);
  return bound;
}

// A value with its key has seven words and blanks of the lexer at most, with deep indentation still one each.
const tokensPerNode = 8;

/**
 * One YAML document of a program, as plain values: YAML 1.2 core, no aliases, no key twice. Bounded before anything is parsed.
 *
 * @throws YamlTooMuch beyond the caps; Error on what is not YAML, without quoting it.
 */
export function parseBoundedYaml(text: string, caps: YamlCaps): unknown {
  checkYamlCaps(text, caps);
  const budget = { mostTokens: 100 + caps.nodes * tokensPerNode, mostAliases: 0 };
  const documents = parseYamlStream(text, { schema: "core", logLevel: "silent", forced: true }, budget);
  const [document] = documents;
  if (!document || documents.length > 1) throw new Error(`it holds ${documents.length} documents`);
  const [problem] = document.errors;
  if (problem) throw new Error(`it is not YAML (${problem.code} at character ${problem.pos[0]})`);
  if (firstSameKey(document) !== null) throw new Error("it holds the same key twice");
  return document.toJS({ maxAliasCount: 0 });
}
