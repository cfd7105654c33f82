import { AppError } from "@/lib/core/errors";
import { emitGoYamlDocuments, isYamlSequence, type YamlMap, type YamlValue } from "@/lib/core/go-yaml";
import { refuseOtherFile, refusePlainText } from "@/lib/core/file-kind/refuse";
import { parseFilledYamlNodes, readingYaml } from "@/lib/core/yaml";
import type { YamlMapNode } from "@/lib/core/yaml-node";
import { resolveUntyped } from "@/lib/core/yaml-untyped";
import { readDocument } from "@/lib/machine-config/decode/decode-document";
import { newestContract, type VersionContract } from "@/lib/machine-config/schema";

/** One document of a machine config: the v1alpha1 one has no `kind`, the others have `apiVersion`, `kind` and often `name`. */
export type MachineConfigDocument = YamlMap;

/** What tells documents apart. Two of one config never share it. */
export type DocumentId = { apiVersion: string; kind: string; name: string };

export const isYamlMap = (value: YamlValue | undefined): value is YamlMap =>
  typeof value === "object" && value !== null && !isYamlSequence(value);

/** The mappings of a config's text, as they were written; documents without content are passed over.
 *
 * @throws AppError `invalid-input` for text that is not YAML (line and column), a document that is no mapping, or a file of another kind.
 */
export function configTrees(text: string, what = "The machine config"): YamlMapNode[] {
  refusePlainText(text, "machine-config");
  const trees = parseFilledYamlNodes(text, { what });
  refuseOtherFile(
    readingYaml(what, () => trees.map((tree) => resolveUntyped(tree))),
    "machine-config",
  );
  return trees.map((tree, index) => {
    if (tree.kind === "map") return tree;
    throw new AppError("invalid-input", `${what} cannot be read: document ${index + 1} is not a mapping.`);
  });
}

/** The documents of a config, each field read as the release's own type; comments are lost, order is kept. What Talos would refuse in
 * a field is left as it was written: `decodeDocument` names it.
 *
 * @param contract whose types count: the newest by default, which knows nearly all that older ones do.
 * @throws AppError `invalid-input` for text that is not YAML (line and column), a document that is no mapping, or a file of another kind.
 */
export const parseMachineConfig = (
  text: string,
  what = "The machine config",
  contract: VersionContract = newestContract,
): MachineConfigDocument[] => configTrees(text, what).map((tree) => readDocument(tree, contract, what).document);

/** Writes a config as Talos does: indent 4, `---` between documents. Block texts that Talos would write wrongly are quoted instead. */
export const encodeMachineConfig = (documents: readonly MachineConfigDocument[]): string =>
  emitGoYamlDocuments(documents, { readable: true });

const text = (value: YamlValue | undefined): string => (typeof value === "string" ? value : "");

/** The identity of a document; the v1alpha1 document has none of the three. */
export function documentId(document: MachineConfigDocument): DocumentId {
  if (isLegacyDocument(document)) return { apiVersion: "", kind: "", name: "" };
  return { apiVersion: text(document.apiVersion), kind: text(document.kind), name: text(document.name) };
}

export const sameDocument = (left: DocumentId, right: DocumentId): boolean =>
  left.apiVersion === right.apiVersion && left.kind === right.kind && left.name === right.name;

/** Finds the first of the documents with the identity of another one, without looking through all of them each time. */
export function documentFinder(
  documents: readonly MachineConfigDocument[],
): (like: MachineConfigDocument) => MachineConfigDocument | undefined {
  const key = (document: MachineConfigDocument): string => JSON.stringify(Object.values(documentId(document)));
  const known = new Map([...documents].reverse().map((document) => [key(document), document]));
  return (like) => known.get(key(like));
}

/** `KernelModuleConfig/nvidia`, `HostnameConfig`, `v1alpha1`. */
export const documentLabel = ({ kind, name }: DocumentId): string =>
  kind === "" ? "v1alpha1" : name === "" ? kind : `${kind}/${name}`;

export const isLegacyDocument = (document: MachineConfigDocument): boolean =>
  document.kind === undefined || document.kind === null;

export const legacyDocument = (documents: readonly MachineConfigDocument[]): MachineConfigDocument | undefined =>
  documents.find(isLegacyDocument);

export const documentOfKind = (
  documents: readonly MachineConfigDocument[],
  kind: string,
): MachineConfigDocument | undefined => documents.find((document) => document.kind === kind);

/** The value at a path of keys and indexes, undefined where any step is missing. */
export function valueAt(value: YamlValue | undefined, path: readonly (string | number)[]): YamlValue | undefined {
  let current: YamlValue | undefined = value;
  for (const step of path) {
    if (isYamlSequence(current)) current = typeof step === "number" ? current[step] : undefined;
    else if (isYamlMap(current)) current = Object.hasOwn(current, step) ? current[step] : undefined;
    else return undefined;
  }
  return current;
}
