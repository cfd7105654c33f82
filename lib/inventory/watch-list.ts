/** What commands tell the watcher; it is absent while no watcher runs (tests, scripts). */
export type WatchList = {
  /** The node was added, or what it is dialled by has changed. */
  sync: (nodeId: string) => void;
  /** The node is gone. */
  drop: (nodeId: string) => void;
};

const listKey = Symbol.for("ichor.watch-list");
const shared = globalThis as { [listKey]?: WatchList };

export const watchList = (): WatchList | null => shared[listKey] ?? null;

export function setWatchList(list: WatchList | null): void {
  if (list) shared[listKey] = list;
  else delete shared[listKey];
}
