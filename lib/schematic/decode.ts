import { decodeBool, decodeInteger, decodeText, type Decoded } from "@/lib/core/go-yaml-decode";
import type { YamlValue } from "@/lib/core/go-yaml";
import type { GoYamlFlavor } from "@/lib/core/go-yaml-scalar";
import { markHint, markWords, unrenderedMark } from "@/lib/core/unrendered/marks";
import type { YamlMapNode, YamlNode, YamlPlace } from "@/lib/core/yaml-node";
import {
  bytesValue,
  isNullScalar,
  mergedMaps,
  ownMembers,
  resolveScalar,
  resolveUntyped,
  untypedKey,
  untypedScalar,
} from "@/lib/core/yaml-untyped";

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
    // A bare << that is no key is neither taken nor refused (`constructMerge`), but for a type that reads its text itself.
    if (slot.is !== "choice" && node.kind === "scalar" && resolveScalar(node, flavor).tag === "!!merge") return unset;
    // What another tool should have filled in is the cause.
    const mark = node.kind === "scalar" ? unrenderedMark(node.text) : null;
    return mark ? this.refuse(path, node, markWords(mark), markHint(mark)) : this.refuse(path, node, decoded.problem);
  }

  private collection(node: Exclude<YamlNode, { kind: "scalar" }>, slot: Slot, path: string): Decoded {
    if (slot.is === "values" && node.kind === "map") {
      return { is: "value", value: this.options(node, path) };
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
    this.members(map, path, null, (name, here, key, value) => {
      const slot = Object.hasOwn(members, name) ? members[name] : undefined;
      if (slot === undefined) this.refuse(here.slice(0, 200), key, "the Image Factory knows no such member");
      else if (seen.has(name)) this.refuse(here, key, "it is there twice");
      else {
        const decoded = this.read(value, slot, here);
        if (decoded.is === "value") found.set(name, decoded.value);
      }
      seen.add(name);
    });
    return Object.fromEntries(found);
  }

  /** `map[string]any`: keys are texts at the top; deeper ones are what they look like. */
  private options(map: YamlMapNode, path: string): YamlValue {
    const found = new Map<string, YamlValue>();
    this.members(map, path, null, (name, _here, _key, value) => {
      const read = value.kind === "scalar" ? untypedScalar(value, flavor) : resolveUntyped(value, { keys: "typed" });
      if (read !== undefined) found.set(name, read);
    });
    return Object.fromEntries(found);
  }

  /**
   * A mapping's members whose keys are texts to Go, those of merge keys last and only where nothing nearer has their name. As go-yaml does,
   * what stands nearer is noted by what its key resolves to, and looked up by the text that it becomes (`mappingStruct`, `merge`).
   *
   * @param taken names that are given already; null outside of a merge.
   */
  private members(
    map: YamlMapNode,
    path: string,
    taken: Set<string> | null,
    put: (name: string, here: string, key: YamlNode, value: YamlNode) => void,
  ): void {
    for (const { key, value } of ownMembers(map)) {
      const name = this.keyOf(key, path);
      // go-yaml passes over null as a key.
      if (name === null || taken?.has(name)) continue;
      const here = path === "" ? name : `${path}.${name}`;
      taken?.add(name);
      put(name, here, key, value);
    }
    const merged = mergedMaps(map);
    if (merged.length === 0) return;
    const given = taken ?? new Set(ownMembers(map).flatMap(({ key }) => untypedKey(key, flavor) ?? []));
    for (const from of merged) this.members(from, path, given, put);
  }

  private keyOf(key: YamlNode, path: string): string | null {
    const decoded = key.kind === "scalar" ? decodeText(key, flavor) : wrong("a text is expected");
    if (decoded.is === "value" && typeof decoded.value === "string") return decoded.value;
    if (decoded.is === "wrong") this.refuse(path, key, `of a key, ${decoded.problem}`);
    return null;
  }
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
      const resolved = resolveScalar(scalar, flavor);
      const word = resolved.tag === "!!binary" ? bytesValue(resolved.value) : scalar.text;
      const choice = slot.of.find((one) => one === word.toLowerCase());
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
