import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair, type Scalar } from "yaml";
import { blockScalarText, hasTabAsIndentation } from "@/lib/core/yaml-block-scalar";
import type { YamlMember, YamlNode, YamlPlace, YamlScalar } from "@/lib/core/yaml-node";

/** Something that go-yaml refuses although it is written correctly. `problem` is a clause: "an alias names …". */
export class YamlProblem extends Error {
  constructor(
    readonly problem: string,
    readonly place: YamlPlace,
  ) {
    super(problem);
  }
}

/** `!!int` for `tag:yaml.org,2002:int`, as go-yaml names tags. */
const shortTag = (tag: string | undefined): string => (tag ?? "").replace(/^tag:yaml\.org,2002:/, "!!");

/** Of a node with all that its aliases stand for. */
type Measure = { size: number; height: number };
type Known = Map<string, YamlNode | "open">;
export type PlaceOf = (offset: number) => YamlPlace;
const placeOnly = ({ line, column }: YamlPlace): YamlPlace => ({ line, column });
type ParsedNode = Node | null | undefined;

function scalarText(scalar: Scalar, place: YamlPlace): string {
  const token = scalar.srcToken;
  // JSON's `\\/`: an escape that go-yaml does not know (`scanner.go`).
  if (token?.type === "double-quoted-scalar" && /^(?:[^\\]|\\[^/])*\\\//.test(token.source))
    throw new YamlProblem("a double-quoted text has the escape \\/, which Talos does not know; write /", place);
  if (token?.type === "block-scalar") {
    const header = token.props.find((prop) => prop.type === "block-scalar-header");
    if (header && "source" in header) {
      const block = { header: header.source, body: token.source, parentIndent: token.indent };
      if (hasTabAsIndentation(block))
        throw new YamlProblem("a block text begins with a tab, where spaces are expected", place);
      return blockScalarText(block);
    }
  }
  return scalar.source ?? "";
}

/** Where the colon of `: value` is, which has not even a `?`, a tag or an anchor before it: go-yaml finds no key there. */
function colonWithoutKey({ key, srcToken }: Pair<ParsedNode, ParsedNode>): number | undefined {
  if (!srcToken?.sep || srcToken.key || srcToken.start.some(({ type }) => type === "explicit-key-ind"))
    return undefined;
  if (isScalar(key) && (key.tag !== undefined || key.anchor !== undefined)) return undefined;
  return srcToken.sep.find(({ type }) => type === "map-value-ind")?.offset;
}

class Composer {
  private readonly known: Known = new Map();
  private readonly measures = new Map<YamlNode, Measure>();

  constructor(
    private readonly placeOf: PlaceOf,
    private readonly maxDepth: number,
  ) {}

  node(node: ParsedNode, place: YamlPlace, depth: number): YamlNode {
    if (!node) return { kind: "scalar", text: "", plain: true, tag: "", ...placeOnly(place) };
    const at = node.range ? this.placeOf(node.range[0]) : place;
    if (depth > this.maxDepth) throw new RangeError("depth");
    if (isAlias(node)) return this.aliased(node.source, at);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.known.set(anchor, "open");
    const made = this.measured(this.plainNode(node, at, depth));
    if (anchor !== undefined) this.known.set(anchor, made);
    return made;
  }

  /** How many values there are more when every alias is written out. */
  added = (root: YamlNode): number => (this.measures.get(root)?.size ?? 1) - Math.max(1, this.measures.size);

  /** Children are measured before, so that a shared one is counted in no time. */
  private measured(node: YamlNode): YamlNode {
    const measure: Measure = { size: 1, height: 1 };
    const children =
      node.kind === "list"
        ? node.items
        : node.kind === "map"
          ? node.members.flatMap(({ key, value }) => [key, value])
          : [];
    for (const child of children) {
      const { size, height } = this.measures.get(child) ?? { size: 1, height: 1 };
      measure.size += size;
      measure.height = Math.max(measure.height, height + 1);
    }
    if (measure.height > this.maxDepth + 1) throw new RangeError("depth");
    this.measures.set(node, measure);
    return node;
  }

  private aliased(name: string, place: YamlPlace): YamlNode {
    const target = this.known.get(name);
    if (target === undefined) throw new YamlProblem("an alias names an anchor that does not exist", place);
    if (target === "open") throw new YamlProblem("an anchor holds an alias of itself", place);
    return target;
  }

  private plainNode(node: Node, place: YamlPlace, depth: number): YamlNode {
    if (isMap(node)) {
      const members = (node.items as Pair<ParsedNode, ParsedNode>[]).map((pair): YamlMember => {
        const { key, value } = pair;
        const colon = colonWithoutKey(pair);
        if (colon !== undefined) throw new YamlProblem("a colon has no key before it", this.placeOf(colon));
        const name = this.node(key, place, depth + 1);
        return { key: name, value: this.node(value, name, depth + 1) };
      });
      refuseSameKeys(members);
      return { kind: "map", members, ...place };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(item as ParsedNode, place, depth + 1));
      return { kind: "list", items, ...place };
    }
    if (!isScalar(node)) throw new YamlProblem("it holds something that is neither a map, a list nor a value", place);
    return this.scalar(node, place);
  }

  private scalar(node: Scalar, place: YamlPlace): YamlScalar {
    const text = scalarText(node, place);
    if (/\p{Surrogate}/u.test(text)) throw new YamlProblem("an escape stands for half of a character", place);
    return {
      kind: "scalar",
      text,
      plain: node.type === "PLAIN" || node.type === undefined,
      tag: shortTag(node.tag),
      ...place,
    };
  }
}

/** go-yaml compares what was written, so that `1` and `0x1` are two keys here. */
function refuseSameKeys(members: readonly YamlMember[]): void {
  const seen = new Set<string>();
  for (const { key } of members) {
    const id = key.kind === "scalar" ? `scalar ${key.text}` : key.kind;
    if (seen.has(id)) throw new YamlProblem("the same key appears twice in a mapping", key);
    seen.add(id);
  }
}

/** What limits a document: its nesting, and what aliases add when they are written out. */
export type YamlLimits = { maxDepth: number; maxExpanded: number };

/** Aliases would add more than `maxExpanded` values. */
export class TooManyAliases extends Error {}

/**
 * The tree of a parsed document.
 *
 * @throws YamlProblem for aliases without an anchor or within it, and for keys that appear twice; RangeError when nested too deep, also
 * through aliases; TooManyAliases.
 */
export function composeYaml(document: Document.Parsed, placeOf: PlaceOf, limits: YamlLimits): YamlNode {
  const composer = new Composer(placeOf, limits.maxDepth);
  const root = composer.node(document.contents, { line: 1, column: 1 }, 0);
  if (composer.added(root) > limits.maxExpanded) throw new TooManyAliases();
  return root;
}
