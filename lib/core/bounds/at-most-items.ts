import { z } from "zod";

/** A list of at most so many items. The length is looked at first: zod would check each item before it, and note what is wrong with each. */
export const atMostItems = <Item extends z.ZodType>(item: Item, most: number) =>
  z
    .array(z.unknown())
    .max(most)
    .pipe(z.array(item) as z.ZodType<z.output<Item>[], unknown[]>);
