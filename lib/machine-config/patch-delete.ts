import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlMap, type YamlValue } from "@/lib/core/go-yaml";
import type { YamlListNode, YamlMapNode, YamlMember, YamlNode } from "@/lib/core/yaml-node";
import { isYamlMap, type MachineConfigDocument } from "@/lib/machine-config/documents";
import { type Draft, put } from "@/lib/machine-config/patch-draft";
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
 * The document without what the deletions name, in order, as a part of the draft; null when one names the whole document.
 *
 * @throws AppError `invalid-input` when there is nothing at the path ("lookup failed" upstream).
 */
export function applyDeletions(
  document: MachineConfigDocument,
  deletions: readonly Deletion[],
  kind: string,
  draft: Draft,
): MachineConfigDocument | null {
  const taken = new TakenElements(draft);
  let left = document;
  for (const deletion of deletions) {
    if (deletion.path.length === 0) {
      if (kind === "") throw refuse([], "the v1alpha1 document cannot be deleted");
      return null;
    }
    left = withoutKey(left, { deletion, kind, draft, taken }, 0, "");
  }
  taken.leave();
  return left;
}

/** Elements of lists that are gone once all deletions are done: each is found without looking through all others. */
class TakenElements {
  private readonly places = new Map<readonly YamlValue[], Map<string, Map<YamlValue, number[]>>>();
  private readonly gone = new Map<YamlValue[], Set<number>>();

  constructor(private readonly draft: Draft) {}

  /** Takes the first element that has the value at the key; null where none is left. @returns the list to be put in the place of the given one */
  take(given: readonly YamlValue[], key: string, value: string): readonly YamlValue[] | null {
    const list = this.draft.list(given);
    const byKey = this.places.get(list) ?? new Map<string, Map<YamlValue, number[]>>();
    this.places.set(list, byKey);
    const byValue = byKey.get(key) ?? this.placesIn(list, key);
    byKey.set(key, byValue);
    const gone = this.gone.get(list) ?? new Set();
    this.gone.set(list, gone);
    const places = byValue.get(value) ?? [];
    for (let at = places.shift(); at !== undefined; at = places.shift()) {
      if (gone.has(at)) continue;
      gone.add(at);
      return list;
    }
    return null;
  }

  private placesIn(list: readonly YamlValue[], key: string): Map<YamlValue, number[]> {
    const places = new Map<YamlValue, number[]>();
    list.forEach((item, at) => {
      const value = isYamlMap(item) && Object.hasOwn(item, key) ? item[key] : undefined;
      if (typeof value !== "string") return;
      const same = places.get(value);
      if (same) same.push(at);
      else places.set(value, [at]);
    });
    return places;
  }

  /** Takes them out. */
  leave(): void {
    for (const [list, gone] of this.gone) {
      const kept = list.filter((_, at) => !gone.has(at));
      kept.forEach((item, at) => (list[at] = item));
      list.length = kept.length;
    }
  }
}

type Deleting = { deletion: Deletion; kind: string; draft: Draft; taken: TakenElements };

function withoutKey(given: YamlMap, deleting: Deleting, depth: number, at: string): YamlMap {
  const { deletion, kind, draft } = deleting;
  const step = deletion.path[depth] ?? "";
  const last = depth === deletion.path.length - 1;
  const path = at === "" ? step : `${at}.${step}`;
  const exists = Object.hasOwn(given, step);
  const map = draft.map(given);
  if (last) {
    if (!exists && (isMapField(at) || isWithinFreeForm(kind, at)))
      throw refuse(deletion.path, "there is nothing to delete");
    delete map[step];
    return map;
  }
  const shown = exists ? (map[step] ?? undefined) : undefined;
  const next = shown ?? (isEmbedded(kind, path) ? {} : null);
  if (next === null) throw refuse(deletion.path, "there is nothing to delete");
  const replaced = isYamlSequence(next)
    ? withoutElement(next, deleting, depth + 1, path)
    : isYamlMap(next)
      ? withoutKey(next, deleting, depth + 1, path)
      : null;
  if (replaced === null) throw refuse(deletion.path, "there is nothing to delete");
  if (exists) put(map, step, replaced);
  return map;
}

function withoutElement(
  items: readonly YamlValue[],
  { deletion, kind, taken }: Deleting,
  depth: number,
  at: string,
): readonly YamlValue[] {
  if (depth !== deletion.path.length - 1 || deletion.element === null)
    throw refuse(deletion.path, "lists inside lists cannot be searched");
  const { key, value } = deletion.element;
  const left = isWithinFreeForm(kind, at) ? null : taken.take(items, key, value);
  if (left === null) throw refuse(deletion.path, `no element of the list has ${key} ${value}`);
  return left;
}

function isWithinFreeForm(kind: string, path: string): boolean {
  const steps = path.split(".");
  return steps.some((_, index) => isFreeForm(kind, steps.slice(0, index + 1).join(".")));
}
