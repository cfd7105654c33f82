import { TalosError } from "@/lib/talos/errors";

/** Everything that a stream yields. */
export async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** The TalosError that this ends with; fails when it ends well or with something else. */
export async function failureOf(promise: Promise<unknown>): Promise<TalosError> {
  const error = await promise.then(
    (value) => new Error(`expected a failure, got ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof TalosError) return error;
  throw error;
}
