import {
  doubleQuoted,
  literalHeader,
  numberText,
  scalarStyle,
  singleQuoted,
  type GoYamlFlavor,
} from "@/lib/core/go-yaml-scalar";
import { verbatimText } from "@/lib/core/go-yaml-verbatim";

/** What a YAML document holds, as plain values. `undefined` members count as absent. */
export type YamlValue = null | boolean | number | bigint | string | readonly YamlValue[] | YamlMap;
export type YamlMap = { readonly [key: string]: YamlValue | undefined };

/** What can be written: as `YamlValue`, with a `Map` where keys such as "10" must keep their place. */
export type GoYamlInput =
  | Exclude<YamlValue, readonly YamlValue[] | YamlMap>
  | readonly GoYamlInput[]
  | ReadonlyMap<string, GoYamlInput>
  | { readonly [key: string]: GoYamlInput | undefined };

/** Narrows to a list (`Array.isArray` loses readonly lists). */
export const isYamlSequence = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);

export type GoYamlOptions = {
  /**
   * Who is imitated. `v4-rc6` (the default; Talos 1.14, Image Factory 1.5) puts the words of YAML 1.1 (`on`, `no`, `1:20`) in single
   * quotes; `v4-rc4` (also gopkg.in/yaml.v3, Talos up to 1.13, Image Factory up to 1.4) in double quotes.
   */
  flavor?: GoYamlFlavor;
  /**
   * Quotes block texts that go-yaml would write so that they read back as something else, or not at all: those whose first characters are
   * blanks, after line breaks or deep in lists. Off where every byte has to be go-yaml's own.
   */
  readable?: boolean;
};

const bestIndent = 4;
const longestSimpleKeyBytes = 128;

type Members = readonly (readonly [string, GoYamlInput])[];
type Collection = ReadonlyMap<string, GoYamlInput> | { readonly [key: string]: GoYamlInput | undefined };

function membersOf(value: Collection): Members {
  const entries: Iterable<[string, GoYamlInput | undefined]> = value instanceof Map ? value : Object.entries(value);
  return [...entries].filter((entry): entry is [string, GoYamlInput] => entry[1] !== undefined);
}

/** go-yaml aligns what is nested in a map to the next multiple of its indent (`yaml_emitter_increase_indent`). */
const indentWithinMap = (column: number): number => bestIndent * Math.floor((column + bestIndent) / bestIndent);

class Emitter {
  constructor(
    private readonly flavor: GoYamlFlavor,
    private readonly readable: boolean,
  ) {}

  /** The value as lines; the first one continues the line on which it starts, the others bring their own indentation. */
  lines(value: GoYamlInput, column: number, nested: number, parent: number): string[] {
    if (value === null) return ["null"];
    if (typeof value === "boolean") return [String(value)];
    if (typeof value === "number" || typeof value === "bigint") return [numberText(value)];
    if (typeof value === "string") return this.scalar(value, nested, parent);
    if (isYamlSequence(value)) return this.sequence(value, column);
    const members = membersOf(value);
    return members.length === 0 ? ["{}"] : this.map(members, column);
  }

  private scalar(text: string, contentColumn: number, parent: number): string[] {
    const asIs = verbatimText(text);
    if (asIs !== null) return [asIs];
    const style = scalarStyle(text, this.flavor, false);
    if (style === "plain") return [text];
    if (style === "single") return [singleQuoted(text)];
    if (style === "double" || (this.readable && readsOtherwise(text, contentColumn - parent)))
      return [doubleQuoted(text)];
    const body = text.endsWith("\n") ? text.slice(0, -1) : text;
    const pad = " ".repeat(contentColumn);
    return [literalHeader(text), ...body.split("\n").map((line) => (line === "" ? "" : pad + line))];
  }

  private sequence(items: readonly GoYamlInput[], column: number): string[] {
    if (items.length === 0) return ["[]"];
    const pad = " ".repeat(column);
    return items.flatMap((item, index) => {
      const [first = "", ...rest] = this.lines(item, column + 2, column + 2, column);
      return [`${index === 0 ? "" : pad}- ${first}`, ...rest];
    });
  }

  private map(members: Members, column: number): string[] {
    const pad = " ".repeat(column);
    const nested = indentWithinMap(column);
    return members.flatMap(([key, value], index) => {
      const lines = this.entry(key, value, nested, pad);
      const [first = "", ...rest] = lines;
      return [(index === 0 ? "" : pad) + first, ...rest];
    });
  }

  private entry(key: string, value: GoYamlInput, nested: number, pad: string): string[] {
    const [first = "", ...rest] = this.lines(value, nested, nested, pad.length);
    // A key that is long or has line breaks is written as "? key" and ": value" (`yaml_emitter_check_simple_key`).
    if (key.includes("\n") || new TextEncoder().encode(key).length > longestSimpleKeyBytes) {
      const [keyFirst = "", ...keyRest] = this.scalar(key, nested, pad.length);
      const gap = isBlockCollection(value) ? " ".repeat(nested - pad.length - 1) : " ";
      return [`? ${keyFirst}`, ...keyRest, `${pad}:${gap}${first}`, ...rest];
    }
    const simpleKey = this.simpleKey(key);
    if (!isBlockCollection(value)) return [`${simpleKey}: ${first}`, ...rest];
    return [`${simpleKey}:`, " ".repeat(nested) + first, ...rest];
  }

  private simpleKey(key: string): string {
    const asIs = verbatimText(key);
    if (asIs !== null) return asIs;
    const style = scalarStyle(key, this.flavor, true);
    if (style === "plain") return key;
    return style === "single" ? singleQuoted(key) : doubleQuoted(key);
  }
}

/** A block text whose hint (always 4) is not its indentation, or that lacks one since it begins with a line break (emitter.go). */
const readsOtherwise = (text: string, indentation: number): boolean =>
  text.startsWith(" ") ? indentation !== bestIndent : /^\n+ /.test(text);

function isBlockCollection(value: GoYamlInput): boolean {
  if (value === null || typeof value !== "object") return false;
  return isYamlSequence(value) ? value.length > 0 : membersOf(value).length > 0;
}

/**
 * Writes YAML byte for byte as Go's yaml does with indent 4 and no line folding: what `talosctl gen config` prints and what the Image
 * Factory hashes. Members keep their order (sort free-form maps with `naturalSort` first). One trailing line feed.
 *
 * Rules from go-yaml's emitterc.go and encode.go. Exact for text without CR, NEL, LS, PS and BOM; those are escaped here.
 */
export function emitGoYaml(value: GoYamlInput, options: GoYamlOptions = {}): string {
  return `${new Emitter(options.flavor ?? "v4-rc6", options.readable ?? false).lines(value, 0, bestIndent, 0).join("\n")}\n`;
}

/** Documents joined as Talos joins them: `---` between, none before the first. */
export const emitGoYamlDocuments = (documents: readonly GoYamlInput[], options: GoYamlOptions = {}): string =>
  documents.map((document) => emitGoYaml(document, options)).join("---\n");
