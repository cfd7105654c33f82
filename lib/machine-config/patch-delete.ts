import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlMap, type YamlValue } from "@/lib/core/go-yaml";
import type { YamlListNode, YamlMapNode, YamlMember, YamlNode } from "@/lib/core/yaml-node";
import { isYamlMap, type MachineConfigDocument } from "@/lib/machine-config/documents";
import { isEmbedded, isFreeForm, isMapField } from "@/lib/machine-config/patch-rules";

/** One `$patch: delete`: the whole document (empty path), a key, or the list element whose `key` is `value`. */
export type Deletion = { path: string[]; element: { key: string; value: string } | null };

const isDeletion = ({ members }: YamlMapNode): boolean =>
  members.some(({ key, value }) => isText(key, "$patch") && isText(value, "delete"));
const isText = (node: YamlNode, text: string): boolean => node.kind === "scalar" && node.text === text;

const refuse = (path: readonly string[], problem: string): AppError =>
  new AppError("invalid-input", `$patch: delete at ${path.join(".") || "the document"}: ${problem}.`);

type Pruned = { node: YamlNode; gone: boolean };

/**
 * Takes the deletions out of a patch document, in order, before any of its fields is read by its type. What is left is merged afterwards;
 * null when nothing is left (cfg/configloader/internal/decoder/delete.go).
 *
 * @throws AppError `invalid-input` for deletions that Talos does not know: an inner key of a list element, a scalar element.
 */
export function takeDeletions(document: YamlMapNode): { deletions: Deletion[]; rest: YamlMapNode | null } {
  const deletions: Deletion[] = [];
  const { node, gone } = prune(document, [], false, deletions);
  if (gone || node.kind !== "map" || isEmptyDocument(node)) return { deletions, rest: null };
  return { deletions, rest: node };
}

// As upstream: a head without apiVersion carries nothing to merge.
const isEmptyDocument = ({ members }: YamlMapNode): boolean =>
  members.every(
    ({ key, value }) =>
      key.kind === "scalar" && value.kind === "scalar" && ["version", "kind", "name"].includes(key.text),
  );

function prune(node: YamlNode, path: string[], inList: boolean, deletions: Deletion[]): Pruned {
  if (node.kind === "list") return pruneList(node, path, deletions);
  if (node.kind !== "map") return { node, gone: false };
  if (isDeletion(node)) {
    deletions.push({ path, element: inList ? elementOf(node, path) : null });
    if (!inList && path.some((step) => step.startsWith("[")))
      throw refuse(path, "a key inside a list element cannot be deleted");
    return { node, gone: true };
  }
  const members: YamlMember[] = [];
  for (const { key, value } of node.members) {
    const pruned = prune(value, [...path, key.kind === "scalar" ? key.text : ""], false, deletions);
    if (!pruned.gone) members.push({ key, value: pruned.node });
  }
  return { node: { ...node, members }, gone: members.length === 0 && node.members.length > 0 };
}

function pruneList(list: YamlListNode, path: string[], deletions: Deletion[]): Pruned {
  const items: YamlNode[] = [];
  list.items.forEach((item, index) => {
    const pruned = prune(item, [...path, `[${index}]`], true, deletions);
    if (!pruned.gone) items.push(pruned.node);
  });
  return { node: { ...list, items }, gone: items.length === 0 && list.items.length > 0 };
}

/** The element is the one whose first key has the value beside it, as it was written. */
function elementOf({ members }: YamlMapNode, path: string[]): { key: string; value: string } {
  const found = members.find(({ key, value }) => !(isText(key, "$patch") && isText(value, "delete")));
  if (!found) throw refuse(path, "it does not say which element; give a key and its value beside it");
  const { key, value } = found;
  return { key: key.kind === "scalar" ? key.text : "", value: value.kind === "scalar" ? value.text : "" };
}

/**
 * The document without what the deletion names; null when that is the whole document.
 *
 * @throws AppError `invalid-input` when there is nothing at the path ("lookup failed" upstream).
 */
export function applyDeletion(
  document: MachineConfigDocument,
  deletion: Deletion,
  kind: string,
): MachineConfigDocument | null {
  if (deletion.path.length === 0) {
    if (kind === "") throw refuse([], "the v1alpha1 document cannot be deleted");
    return null;
  }
  return withoutKey(document, deletion, 0, kind, "");
}

function withoutKey(map: YamlMap, deletion: Deletion, depth: number, kind: string, at: string): YamlMap {
  const step = deletion.path[depth] ?? "";
  const last = depth === deletion.path.length - 1;
  const path = at === "" ? step : `${at}.${step}`;
  const exists = Object.hasOwn(map, step);
  if (last) {
    if (!exists && (isMapField(at) || isWithinFreeForm(kind, at)))
      throw refuse(deletion.path, "there is nothing to delete");
    return Object.fromEntries(Object.entries(map).filter(([key]) => key !== step));
  }
  const shown = map[step] ?? undefined;
  const next = shown ?? (isEmbedded(kind, path) ? {} : null);
  if (next === null) throw refuse(deletion.path, "there is nothing to delete");
  const replaced = isYamlSequence(next)
    ? withoutElement(next, deletion, depth + 1, kind, path)
    : isYamlMap(next)
      ? withoutKey(next, deletion, depth + 1, kind, path)
      : null;
  if (replaced === null) throw refuse(deletion.path, "there is nothing to delete");
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, key === step ? replaced : value]));
}

function withoutElement(
  items: readonly YamlValue[],
  deletion: Deletion,
  depth: number,
  kind: string,
  at: string,
): readonly YamlValue[] {
  if (depth !== deletion.path.length - 1 || deletion.element === null)
    throw refuse(deletion.path, "lists inside lists cannot be searched");
  const { key, value } = deletion.element;
  const index = isWithinFreeForm(kind, at) ? -1 : items.findIndex((item) => isYamlMap(item) && item[key] === value);
  if (index < 0) throw refuse(deletion.path, `no element of the list has ${key} ${value}`);
  return items.filter((_, position) => position !== index);
}

function isWithinFreeForm(kind: string, path: string): boolean {
  const steps = path.split(".");
  return steps.some((_, index) => isFreeForm(kind, steps.slice(0, index + 1).join(".")));
}
