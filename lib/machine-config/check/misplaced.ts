import { documentType, legacyKind } from "@/lib/machine-config/fields/field-at";
import type { FieldType } from "@/lib/machine-config/fields/field-type";
import type { FieldTable } from "@/lib/machine-config/fields/table";

type Found = { path: string; parent: string };

const deepest = 4;

/** Places of the v1alpha1 document that have a field of the name, the shallowest first. Lists and maps are not entered. */
function placesOf(table: FieldTable, name: string): Found[] {
  const found: Found[] = [];
  const walk = (type: FieldType | undefined, path: readonly string[]): void => {
    if (type?.is !== "struct" || path.length >= deepest) return;
    for (const [key, field] of table.structs.get(type.name) ?? []) {
      if (key === name) found.push({ path: [...path, key].join("."), parent: path.join(".") });
      walk(field, [...path, key]);
    }
  };
  walk(documentType(table, legacyKind), []);
  return found.sort((left, right) => left.path.split(".").length - right.path.split(".").length);
}

/** Small differences of spelling: how many letters have to be changed, moved in or out, two at most. */
function isLike(left: string, right: string): boolean {
  if (left.toLowerCase() === right.toLowerCase()) return true;
  if (Math.abs(left.length - right.length) > 2 || Math.min(left.length, right.length) < 4 || left.length > 64)
    return false;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at++) {
    const next = [at];
    for (let to = 1; to <= right.length; to++) {
      const same = left[at - 1] === right[to - 1] ? 0 : 1;
      next.push(Math.min((row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1, (row[to - 1] ?? 0) + same));
    }
    row = next;
  }
  return (row[right.length] ?? 3) <= 2;
}

/**
 * The end of a sentence about an unknown field: where it belongs, or what it may have been meant to be; empty where there is no saying.
 * `path` leads to the field, `siblings` are the fields that are known beside it.
 */
export function whereItBelongs(
  table: FieldTable,
  kind: string,
  path: readonly string[],
  siblings: ReadonlyMap<string, FieldType>,
): string {
  const name = path.at(-1) ?? "";
  const spelled = [...siblings.keys()].find((key) => isLike(key, name));
  if (spelled !== undefined) return `; was ${spelled} meant?`;
  const legacy = kind === legacyKind;
  const [place, other] = placesOf(table, name).filter(({ path: known }) => !legacy || known !== path.join("."));
  if (!place) return "";
  // Words such as `enabled` or `image` are fields of many things: only a place that stands out says something.
  const stands = other === undefined || place.path.split(".").length < other.path.split(".").length;
  if (!stands) return "";
  const parent = place.parent === "" ? "the top of the v1alpha1 document" : place.parent;
  return `; it belongs ${place.parent === "" ? "to" : "under"} ${parent}${legacy ? "" : " of the v1alpha1 document"}`;
}
