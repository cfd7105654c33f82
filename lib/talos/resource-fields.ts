import { z } from "zod";
import { atMostItems } from "@/lib/core/bounds/at-most-items";
import { cleanText } from "@/lib/talos/text";

/**
 * The pieces of resource specs. Releases differ in fields and in the spelling of YAML keys (`class_id`, `classID`): what is missing has its
 * zero value, as in Go; keys are compared without case and underscores; what has the wrong shape is an error.
 */
const scalar = z.union([z.string(), z.number(), z.bigint(), z.boolean(), z.null(), z.undefined()]);

/** Text, cleaned and capped; empty when absent. */
export const text = (max = 512) =>
  scalar.transform((value) => (value === null || value === undefined ? "" : cleanText(String(value), { max })));

/** As `text`, with its line breaks: a document. */
export const lines = (max: number) =>
  scalar.transform((value) =>
    value === null || value === undefined ? "" : cleanText(String(value), { max, keepLines: true }),
  );

/** A number; 0 when absent. */
export const number = () =>
  z.union([z.number(), z.bigint(), z.string(), z.null(), z.undefined()]).transform((value, context) => {
    const result = value === null || value === undefined || value === "" ? 0 : Number(value);
    if (!Number.isNaN(result)) return result;
    context.addIssue({ code: "custom", message: "not a number" });
    return z.NEVER;
  });

/** A yes or no; no when absent. */
export const flag = () =>
  z
    .union([z.boolean(), z.enum(["true", "false"]), z.null(), z.undefined()])
    .transform((value) => value === true || value === "true");

// A node could otherwise fill our memory with one list.
const maxItems = 1_024;

/** A list; empty when absent. Its length is checked before its items, each of which may be found wrong in a sentence. */
export const list = <Item extends z.ZodType>(item: Item) =>
  z.union([z.null(), z.undefined(), atMostItems(item, maxItems)]).transform((value): z.output<Item>[] => value ?? []);

/** String to string, such as labels; empty when absent. Keys are data here and stay as they are. */
export const dictionary = () =>
  z
    .union([z.null(), z.undefined(), z.record(z.string().max(512), text(4096))])
    .transform((value): Record<string, string> => value ?? {});

const plain = (key: string) => key.toLowerCase().replaceAll("_", "").replaceAll("-", "");

/**
 * A struct of the given fields; others are dropped. `aliases` maps a YAML key to the field where the two are different words. An absent
 * struct is one of zero values.
 */
export function struct<Shape extends z.ZodRawShape>(shape: Shape, aliases: Record<string, keyof Shape & string> = {}) {
  const fields = new Map(Object.keys(shape).map((field) => [plain(field), field]));
  for (const [key, field] of Object.entries(aliases)) fields.set(plain(key), field);
  return z.preprocess((value) => {
    const given = value ?? {};
    if (typeof given !== "object" || Array.isArray(given)) return value;
    const result: Record<string, unknown> = Object.fromEntries(Object.keys(shape).map((field) => [field, null]));
    for (const [key, item] of Object.entries(given)) {
      const field = fields.get(plain(key));
      if (field !== undefined) result[field] = item;
    }
    return result;
  }, z.object(shape));
}
