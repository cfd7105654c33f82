"use client";

import { useSyncExternalStore } from "react";

type Open = "palette" | "shortcuts" | null;
let open: Open = null;
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
const set = (next: Open) => {
  open = next;
  for (const listener of listeners) listener();
};

export const openPalette = () => set("palette");
export const openShortcuts = () => set("shortcuts");
export const closeShellDialog = () => set(null);

/** Which of the shell's own dialogs is open. */
export const useShellDialog = (): Open =>
  useSyncExternalStore(
    subscribe,
    () => open,
    () => null,
  );
