import { kubernetesCaps } from "@/lib/core/bounds/input-caps";
import { AppError } from "@/lib/core/errors";

export type Page<Item> = { items: Item[]; next: string | undefined };

/**
 * All items of a list that comes in pages. `what` completes "The Kubernetes API's list of …".
 * @throws AppError `unavailable` for a list that does not end: too many pages, a token that comes again, or too much time.
 */
export async function* paged<Item>(
  what: string,
  read: (next: string | undefined) => Promise<Page<Item>>,
  { now = () => performance.now() } = {},
): AsyncGenerator<Item> {
  const endless = (why: string) =>
    new AppError("unavailable", `The Kubernetes API's list of ${what} does not end: ${why}.`);
  const seen = new Set<string>();
  const untilMs = now() + kubernetesCaps.listMs;
  let next: string | undefined;
  do {
    if (seen.size >= kubernetesCaps.pages) throw endless(`it has more than ${kubernetesCaps.pages} pages`);
    if (now() > untilMs) throw endless(`it was not read within ${kubernetesCaps.listMs / 1000} s`);
    const page = await read(next);
    if (page.items.length > kubernetesCaps.pageItems)
      throw endless(`a page has more than the ${kubernetesCaps.pageItems} entries that were asked for`);
    yield* page.items;
    next = page.next;
    if (next !== undefined && seen.has(next)) throw endless("it goes on where it was before");
    if (next !== undefined) seen.add(next);
  } while (next !== undefined);
}
