"use client";

import { useEffect, useSyncExternalStore } from "react";

let label: string | null = null;
const listeners = new Set<() => void>();
const set = (next: string | null) => {
  label = next;
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Names the page in the header where the address alone does not: put it anywhere in the page. */
export function Crumb({ label: own }: { label: string }) {
  useEffect(() => {
    set(own);
    return () => set(null);
  }, [own]);
  return null;
}

export const useCrumb = (): string | null =>
  useSyncExternalStore(
    subscribe,
    () => label,
    () => null,
  );
