import { unrenderedMark, type UnrenderedMark } from "@/lib/core/unrendered/marks";

/** Keys and indexes from the root. */
export type ValuePath = readonly (string | number)[];

/** A mark in a value: `path` is where; `inKey` when the last key of the path holds it, not the value. */
export type ValueMark = { path: ValuePath; inKey: boolean; mark: UnrenderedMark };

const maxMarks = 100;

/**
 * The marks of tools that were not run in all texts of a value, keys included, the first 100.
 *
 * @param judge the mark that counts in a text at a path: `unrenderedMark` unless the field may rightly hold some.
 */
export function unrenderedValues(
  value: unknown,
  judge: (text: string, path: ValuePath) => UnrenderedMark | null = unrenderedMark,
): ValueMark[] {
  const found: ValueMark[] = [];
  const walk = (member: unknown, path: ValuePath): void => {
    if (found.length >= maxMarks) return;
    if (typeof member === "string") {
      const mark = judge(member, path);
      if (mark) found.push({ path, inKey: false, mark });
    } else if (Array.isArray(member)) {
      member.forEach((item, index) => walk(item, [...path, index]));
    } else if (typeof member === "object" && member !== null) {
      for (const [key, item] of Object.entries(member)) {
        const here = [...path, key];
        const mark = judge(key, path);
        if (mark) found.push({ path: here, inKey: true, mark });
        walk(item, here);
      }
    }
  };
  walk(value, []);
  return found;
}
