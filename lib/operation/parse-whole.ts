import type { z } from "zod";
import { unknownMembers } from "./unknown-members";

/** More wrong fields than these are not told. */
const mostFields = 50;

export type Parsed<T> = { ok: true; value: T } | { ok: false; fields: Record<string, string> };

/**
 * Parses what somebody sent, as a whole: a member that the schema does not know is an error too, and not dropped.
 * @returns the value, or a sentence for each wrong member by its path, 50 at most.
 */
export function parseWhole<S extends z.ZodType>(schema: S, input: unknown): Parsed<z.output<S>> {
  const parsed = schema.safeParse(input);
  const fields = new Map<string, string>();
  const tell = (path: string, sentence: string): void => {
    if (fields.size < mostFields && !fields.has(path)) fields.set(path.slice(0, 200), sentence);
  };
  if (!parsed.success) for (const { path, message } of parsed.error.issues) tell(path.map(String).join("."), message);
  for (const [path, sentence] of unknownMembers(schema, input)) tell(path, sentence);
  if (parsed.success && fields.size === 0) return { ok: true, value: parsed.data };
  return { ok: false, fields: Object.fromEntries(fields) };
}
