/** Collects what supersedes itself by key, and hands it on together. */
export type Window<Item> = {
  add: (key: string, item: Item) => void;
  forget: (key: string) => void;
};

/**
 * A window that opens with its first item and closes `waitMs(previous)` later, where `previous` is how many items the last one
 * held: a quiet fleet is told at once, a storm (an import, a switch that comes back) in fewer, larger parts.
 */
export function createWindow<Item>(
  waitMs: (previous: number) => number,
  close: (items: [string, Item][]) => void,
): Window<Item> {
  const waiting = new Map<string, Item>();
  let timer: NodeJS.Timeout | null = null;
  let previous = 0;

  function end(): void {
    timer = null;
    const items = [...waiting];
    waiting.clear();
    previous = items.length;
    close(items);
  }

  return {
    add(key, item) {
      waiting.set(key, item);
      timer ??= setTimeout(end, waitMs(previous)).unref();
    },
    forget: (key) => void waiting.delete(key),
  };
}
