import { decodeBool, decodeInteger, decodeText, type Decoded } from "@/lib/core/go-yaml-decode";
import type { YamlValue } from "@/lib/core/go-yaml";
import type { GoYamlFlavor } from "@/lib/core/go-yaml-scalar";
import { markHint, markWords, unrenderedMark } from "@/lib/core/unrendered/marks";
import type { YamlMapNode, YamlNode, YamlPlace } from "@/lib/core/yaml-node";
import { isNullScalar, mergedMaps, ownMembers, resolveUntyped } from "@/lib/core/yaml-untyped";

/** The Go type of a place in a schematic. */
type Slot =
  | { is: "text" }
  | { is: "bool" }
  | { is: "uint"; bits: number }
  | { is: "choice"; of: readonly string[] }
  | { is: "list"; of: Slot }
  | { is: "struct"; members: Readonly<Record<string, Slot>> }
  /** `map[string]any` */
  | { is: "values" };

export type SchematicIssue = { path: string; place: YamlPlace; problem: string; hint?: string };

const text: Slot = { is: "text" };
const texts: Slot = { is: "list", of: text };
const struct = (members: Readonly<Record<string, Slot>>): Slot => ({ is: "struct", members });

/** What talos/pkg/machinery/imager/imageropts knows; in any case of letters. */
export const bootloaders = ["none", "dual-boot", "sd-boot", "grub"] as const;

/** `Schematic` of image-factory pkg/schematic/schematic.go, v1.5.0. `enrollKeys` is any text there; only the image build judges it. */
const schematic = struct({
  owner: text,
  overlay: struct({ image: text, name: text, options: { is: "values" } }),
  customization: struct({
    embeddedMachineConfiguration: text,
    extraKernelArgs: texts,
    meta: { is: "list", of: struct({ key: { is: "uint", bits: 8 }, value: text }) },
    systemExtensions: struct({ officialExtensions: texts }),
    bootloader: { is: "choice", of: bootloaders },
    secureboot: struct({ enrollKeys: text, includeWellKnownCertificates: { is: "bool" } }),
    diskImage: struct({ sectorSize: { is: "uint", bits: 64 } }),
  }),
});

/** go-yaml of Image Factory 1.5. */
const flavor: GoYamlFlavor = "v4-rc6";

const wrong = (problem: string): Decoded => ({ is: "wrong", problem });
const unset: Decoded = { is: "unset" };

class Decoder {
  readonly issues: SchematicIssue[] = [];

  refuse(path: string, { line, column }: YamlPlace, problem: string, hint?: string): Decoded {
    this.issues.push({ path, place: { line, column }, problem, ...(hint !== undefined && { hint }) });
    return unset;
  }

  read(node: YamlNode, slot: Slot, path: string): Decoded {
    if (isNullScalar(node)) return unset;
    const decoded = node.kind === "scalar" ? scalarOf(node, slot) : this.collection(node, slot, path);
    if (decoded.is !== "wrong") return decoded;
    // What another tool should have filled in is the cause.
    const mark = node.kind === "scalar" ? unrenderedMark(node.text) : null;
    return mark ? this.refuse(path, node, markWords(mark), markHint(mark)) : this.refuse(path, node, decoded.problem);
  }

  private collection(node: Exclude<YamlNode, { kind: "scalar" }>, slot: Slot, path: string): Decoded {
    if (slot.is === "values" && node.kind === "map") {
      return { is: "value", value: optionsOf(node) };
    }
    if (slot.is === "list" && node.kind === "list") {
      // go-yaml leaves out what it cannot put into an element, nothing among it.
      const items = node.items.map((item, index) => this.read(item, slot.of, `${path}.${index}`));
      return { is: "value", value: items.flatMap((item) => (item.is === "value" ? [item.value] : [])) };
    }
    if (slot.is === "struct" && node.kind === "map")
      return { is: "value", value: this.struct(node, slot.members, path) };
    return wrong(expected[slot.is]);
  }

  private struct(map: YamlMapNode, members: Readonly<Record<string, Slot>>, path: string): YamlValue {
    const found = new Map<string, YamlValue>();
    const seen = new Set<string>();
    this.members(map, members, path, found, seen);
    return Object.fromEntries(found);
  }

  private members(
    map: YamlMapNode,
    members: Readonly<Record<string, Slot>>,
    path: string,
    found: Map<string, YamlValue>,
    seen: Set<string>,
  ): void {
    const own = new Set<string>();
    for (const { key, value } of ownMembers(map)) {
      const name = key.kind === "scalar" ? key.text : "";
      const slot = Object.hasOwn(members, name) ? members[name] : undefined;
      const here = path === "" ? name : `${path}.${name}`;
      if (slot === undefined) this.refuse(here.slice(0, 200), key, "the Image Factory knows no such member");
      else if (own.has(name)) this.refuse(here, key, "it is there twice");
      else if (!seen.has(name)) {
        const decoded = this.read(value, slot, here);
        if (decoded.is === "value") found.set(name, decoded.value);
      }
      own.add(name);
    }
    for (const name of own) seen.add(name);
    for (const merged of mergedMaps(map)) this.members(merged, members, path, found, seen);
  }
}

/** `map[string]any`: keys are texts at the top; deeper ones are what they look like. */
function optionsOf(map: YamlMapNode): YamlValue {
  const found = new Map<string, YamlValue>();
  const add = (from: YamlMapNode): void => {
    for (const { key, value } of ownMembers(from))
      if (key.kind === "scalar" && !found.has(key.text)) found.set(key.text, resolveUntyped(value, { keys: "typed" }));
    mergedMaps(from).forEach(add);
  };
  add(map);
  return Object.fromEntries(found);
}

const expected: Record<Slot["is"], string> = {
  text: "a text is expected",
  bool: "true or false is expected",
  uint: "a whole number is expected",
  choice: "a text is expected",
  list: "a list is expected",
  struct: "a mapping is expected",
  values: "a mapping is expected",
};

function scalarOf(scalar: Extract<YamlNode, { kind: "scalar" }>, slot: Slot): Decoded {
  switch (slot.is) {
    case "text":
      return decodeText(scalar, flavor);
    case "bool":
      return decodeBool(scalar, flavor);
    case "uint":
      return decodeInteger(scalar, false, slot.bits, flavor);
    case "choice": {
      const choice = slot.of.find((one) => one === scalar.text.toLowerCase());
      return choice === undefined ? wrong(`one of ${slot.of.join(", ")} is expected`) : { is: "value", value: choice };
    }
    case "list":
    case "struct":
    case "values":
      return wrong(expected[slot.is]);
  }
}

/**
 * Reads a tree into the schematic's structs as the Image Factory does (go-yaml's typed decode with known fields only): numbers and
 * booleans are texts where a text is wanted, `yes` is true where a bool is, a member that is null is absent.
 */
export function decodeSchematic(tree: YamlNode): { value: YamlValue; issues: SchematicIssue[] } {
  const decoder = new Decoder();
  const decoded = decoder.read(tree, schematic, "");
  return { value: decoded.is === "value" ? decoded.value : {}, issues: decoder.issues };
}
