import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlMap, type YamlValue } from "@/lib/core/go-yaml";
import { markHint, markWords, unrenderedMark } from "@/lib/core/unrendered/marks";
import { isYamlMap, type MachineConfigDocument } from "@/lib/machine-config/documents";
import { type Draft, put } from "@/lib/machine-config/patch-draft";
import {
  isExtraArgs,
  isFreeForm,
  isReplaced,
  isSize,
  isUrl,
  isZeroable,
  keyedList,
  rulesOfKind,
} from "@/lib/machine-config/patch-rules";
import { mergeUrls } from "@/lib/machine-config/patch-url";
import { contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";

type Place = { kind: string; path: string; freeForm: boolean; contract: VersionContract; draft: Draft };

const below = (place: Place, step: string): Place => {
  const path = step === "[]" || place.path === "" ? place.path + step : `${place.path}.${step}`;
  return { ...place, path, freeForm: place.freeForm || isFreeForm(place.kind, path) };
};

const sortOf = (value: YamlValue): "list" | "map" | "text" | "number" | "boolean" | "null" => {
  if (value === null) return "null";
  if (isYamlSequence(value)) return "list";
  if (typeof value === "object") return "map";
  if (typeof value === "string") return "text";
  return typeof value === "boolean" ? "boolean" : "number";
};

/**
 * A document with a patch document of the same identity merged into it (cfg/merge/merge.go), as a part of the draft.
 *
 * @throws AppError `invalid-input` when kinds of values do not agree; names the path, never a value.
 */
export function mergeDocument(
  left: MachineConfigDocument,
  right: MachineConfigDocument,
  kind: string,
  { contract, draft }: { contract: VersionContract; draft: Draft },
): MachineConfigDocument {
  const merged = mergeMaps(left, right, { kind, path: "", freeForm: false, contract, draft });
  return (rulesOfKind(kind).copied ?? []).reduce(
    (document, path) => copyAlways(document, right, path.split(".")),
    merged,
  );
}

/** `-10.0.0.0/24`, or `-interface: eth0`, which is a mapping. */
const startsWithDash = (value: YamlValue): boolean =>
  isYamlMap(value) ? Object.keys(value).some((key) => /^-\S/.test(key)) : /^-\S/.test(String(value));

function misfit(leftSort: string, rightSort: string, right: YamlValue, path: string): AppError {
  const mark = typeof right === "string" ? unrenderedMark(right) : null;
  if (mark)
    return new AppError("invalid-input", `The patch cannot be used: ${path}: ${markWords(mark)}.`, {
      hint: markHint(mark),
    });
  const dash = leftSort === "list" && startsWithDash(right);
  return new AppError(
    "invalid-input",
    `A ${rightSort} cannot be merged into a ${leftSort} at ${path}${dash ? " (a dash without a space?)" : ""}.`,
    {
      hint: dash
        ? "Write each element of a list as a dash, a space and the value."
        : "Delete the old value first with $patch: delete, or keep its kind.",
    },
  );
}

function mergeValues(left: YamlValue | undefined, right: YamlValue | undefined, place: Place): YamlValue | undefined {
  // An explicit null is nothing to merge, never a deletion; in a free-form part it is a value where there was none.
  if (right === undefined || right === null) return left === undefined && place.freeForm ? right : left;
  if (left === undefined || left === null) return right;
  // Arguments are texts or lists since 1.13, and are replaced one by one.
  if (!place.freeForm && isExtraArgs(parentOf(place.path)) && contractAtLeast(place.contract, "1.13")) return right;
  const [leftSort, rightSort] = [sortOf(left), sortOf(right)];
  const collections = [leftSort, rightSort].some((sort) => sort === "list" || sort === "map");
  if (leftSort !== rightSort && (collections || place.freeForm)) {
    throw misfit(leftSort, rightSort, right, place.path);
  }
  if (isYamlSequence(left) && isYamlSequence(right)) return mergeLists(left, right, place);
  if (isYamlMap(left) && isYamlMap(right))
    return isReplaced(place.kind, place.path) && Object.keys(right).length > 0 ? right : mergeMaps(left, right, place);
  return mergeScalars(left, right, place);
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf(".")));

function mergeScalars(left: YamlValue, right: YamlValue, place: Place): YamlValue {
  if (right === "") return left;
  if ((right === 0 || right === 0n) && !(isZeroable(place.kind, place.path) && !place.freeForm)) return left;
  if (typeof left !== "string" || typeof right !== "string") return right;
  if (isUrl(place.kind, place.path)) return mergeUrls(left, right);
  if (isSize(place.path) && right.endsWith("%") && !left.endsWith("%")) return left;
  return right;
}

function mergeMaps(left: YamlMap, right: YamlMap, place: Place): YamlMap {
  const merged = place.draft.map(left);
  for (const [key, value] of Object.entries(right)) {
    const next = below(place, key);
    const old = Object.hasOwn(merged, key) ? merged[key] : undefined;
    if (isYamlSequence(value) && keyedList(next.kind, next.path)) {
      put(merged, key, mergeLists(isYamlSequence(old) ? old : [], value, next));
    } else {
      put(merged, key, mergeValues(old, value, next));
    }
  }
  return merged;
}

function mergeLists(left: readonly YamlValue[], right: readonly YamlValue[], place: Place): YamlValue {
  if (isReplaced(place.kind, place.path)) return right;
  const keyed = keyedList(place.kind, place.path);
  if (!keyed) {
    const merged = place.draft.list(left);
    for (const item of right) merged.push(item);
    return merged;
  }
  const merged = place.draft.elements(left, keyed.by);
  const count = left.length;
  for (const item of right) {
    // Whole elements are looked up in the config alone, the last one first (security/image_verification.go).
    const index = keyed.whole ? merged.lastOf(count, item) : merged.first(item);
    if (index < 0) merged.push(item);
    else merged.update(index, (old) => (keyed.whole ? item : (mergeValues(old, item, below(place, "[]")) ?? item)));
  }
  return merged.list;
}

function copyAlways(
  document: MachineConfigDocument,
  patch: MachineConfigDocument,
  path: string[],
): MachineConfigDocument {
  const [step, ...rest] = path;
  if (step === undefined) return document;
  const old = document[step];
  if (rest.length > 0) {
    if (!isYamlMap(old)) return document;
    const from = patch[step];
    return { ...document, [step]: copyAlways(old, isYamlMap(from) ? from : {}, rest) };
  }
  return Object.fromEntries(
    Object.entries(document).flatMap(([key, value]) =>
      key !== step ? [[key, value]] : patch[step] === undefined ? [] : [[key, patch[step]]],
    ),
  ) as MachineConfigDocument;
}
