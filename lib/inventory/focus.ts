type Focus = { counts: Map<string, number>; listeners: Set<(nodeId: string) => void> };
const focusKey = Symbol.for("ichor.focus");
const shared = (): Focus =>
  ((globalThis as { [focusKey]?: Focus })[focusKey] ??= { counts: new Map(), listeners: new Set() });

/** Says that a browser looks at a node, so that its counters are read every 3 s; the result ends it (once). */
export function focusNode(nodeId: string): () => void {
  const { counts, listeners } = shared();
  counts.set(nodeId, (counts.get(nodeId) ?? 0) + 1);
  for (const listener of listeners) listener(nodeId);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    const left = (counts.get(nodeId) ?? 1) - 1;
    if (left > 0) counts.set(nodeId, left);
    else counts.delete(nodeId);
  };
}

export const isFocused = (nodeId: string): boolean => shared().counts.has(nodeId);

/** Calls back when a browser begins to look at a node; the result stops that. */
export function onFocus(listener: (nodeId: string) => void): () => void {
  const { listeners } = shared();
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
