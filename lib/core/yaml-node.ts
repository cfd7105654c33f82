/**
 * A YAML document as it was written, before anything decided what its scalars mean. Anchors and merge keys are still in it: an
 * alias is the very node that it names, so a document can be much larger than its text (`parseYamlNodes` bounds that).
 */
export type YamlNode = YamlScalar | YamlMapNode | YamlListNode;

/** Where it was written, counted from 1. */
export type YamlPlace = { line: number; column: number };

export type YamlScalar = YamlPlace & {
  kind: "scalar";
  /** The text between quotes, with escapes and folding done; of a plain scalar, what was written. Line breaks are `\n`. */
  text: string;
  /** Written without quotes and not as a block: only then (or with a tag) can it be anything but a string. */
  plain: boolean;
  /** Explicit tag in its short form (`!!int`, `!local`, `!`), else empty. */
  tag: string;
};

export type YamlMapNode = YamlPlace & { kind: "map"; members: readonly YamlMember[] };
export type YamlMember = { key: YamlNode; value: YamlNode };
export type YamlListNode = YamlPlace & { kind: "list"; items: readonly YamlNode[] };

/** The value of a member by the text of its key; undefined where there is none. Merge keys are not followed. */
export const memberOf = (map: YamlMapNode, name: string): YamlNode | undefined =>
  map.members.find(({ key }) => key.kind === "scalar" && key.text === name)?.value;
