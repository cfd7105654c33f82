"use client";

import { useEffect } from "react";

let focused: string | null = null;
let settle: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<(nodeId: string | null) => void>();

/** From one node's page to the next the old focus must not end first: the stream would open twice. */
const settleMs = 300;

function set(next: string | null): void {
  focused = next;
  clearTimeout(settle);
  settle = setTimeout(() => {
    for (const listener of listeners) listener(focused);
  }, settleMs);
}

/** Says that this tab looks at a node: its counters then come every three seconds. */
export function useNodeFocus(nodeId: string): void {
  useEffect(() => {
    set(nodeId);
    return () => set(null);
  }, [nodeId]);
}

export function onFocusChange(listener: (nodeId: string | null) => void): () => void {
  listeners.add(listener);
  if (focused !== null) listener(focused);
  return () => void listeners.delete(listener);
}
