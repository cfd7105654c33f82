import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlMap, type YamlValue } from "@/lib/core/go-yaml";
import { isYamlMap, type MachineConfigDocument } from "@/lib/machine-config/documents";
import { isEmbedded, isFreeForm, isMapField } from "@/lib/machine-config/patch-rules";

/** One `$patch: delete`: the whole document (empty path), a key, or the list element whose `key` is `value`. */
export type Deletion = { path: string[]; element: { key: string; value: string } | null };

const isDeletion = (value: YamlMap): boolean => value.$patch === "delete";

const refuse = (path: readonly string[], problem: string): AppError =>
  new AppError("invalid-input", `$patch: delete at ${path.join(".") || "the document"}: ${problem}.`);

type Pruned = { value: YamlValue; gone: boolean };

/**
 * Takes the deletions out of a patch document, in order. What is left is merged afterwards; null when nothing is left
 * (cfg/configloader/internal/decoder/delete.go).
 *
 * @throws AppError `invalid-input` for deletions that Talos does not know: an inner key of a list element, a scalar element.
 */
export function takeDeletions(document: MachineConfigDocument): {
  deletions: Deletion[];
  rest: MachineConfigDocument | null;
} {
  const deletions: Deletion[] = [];
  const { value, gone } = prune(document, [], false, deletions);
  if (gone || !isYamlMap(value) || isEmptyDocument(value)) return { deletions, rest: null };
  return { deletions, rest: value };
}

// As upstream: a head without apiVersion carries nothing to merge.
const isEmptyDocument = (document: YamlMap): boolean =>
  Object.entries(document).every(
    ([key, value]) => ["version", "kind", "name"].includes(key) && (value === null || typeof value !== "object"),
  );

function prune(value: YamlValue, path: string[], inList: boolean, deletions: Deletion[]): Pruned {
  if (isYamlSequence(value)) return pruneList(value, path, deletions);
  if (!isYamlMap(value)) return { value, gone: false };
  if (isDeletion(value)) {
    deletions.push({ path, element: inList ? elementOf(value, path) : null });
    if (!inList && path.some((step) => step.startsWith("[")))
      throw refuse(path, "a key inside a list element cannot be deleted");
    return { value, gone: true };
  }
  const kept: [string, YamlValue | undefined][] = [];
  let removed = false;
  for (const [key, member] of Object.entries(value)) {
    const pruned = prune(member ?? null, [...path, key], false, deletions);
    if (pruned.gone) removed = true;
    else kept.push([key, pruned.value]);
  }
  return { value: Object.fromEntries(kept), gone: removed && kept.length === 0 };
}

function pruneList(items: readonly YamlValue[], path: string[], deletions: Deletion[]): Pruned {
  const kept: YamlValue[] = [];
  items.forEach((item, index) => {
    const pruned = prune(item, [...path, `[${index}]`], true, deletions);
    if (!pruned.gone) kept.push(pruned.value);
  });
  return { value: kept, gone: kept.length === 0 && items.length > 0 };
}

function elementOf(value: YamlMap, path: string[]): { key: string; value: string } {
  const found = Object.entries(value).find(([key]) => key !== "$patch");
  if (!found) throw refuse(path, "it does not say which element; give a key and its value beside it");
  const [key, text] = found;
  return { key, value: text === null || text === undefined || typeof text === "object" ? "" : String(text) };
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
