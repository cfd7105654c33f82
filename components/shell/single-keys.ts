"use client";

import { useSyncExternalStore } from "react";

const storageKey = "ichor-single-keys";
const listeners = new Set<() => void>();
const read = () => localStorage.getItem(storageKey) !== "off";

/** Shortcuts of one letter can be turned off (WCAG 2.1.4). */
export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, "off");
  for (const listener of listeners) listener();
}

export const useSingleKeys = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    read,
    () => true,
  );

/** Whether a key press is text for a field, part of a composition, or the browser's own. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (!target) return false;
  if (target.isContentEditable || target.closest("[role=dialog],[role=alertdialog],[role=menu]")) return true;
  const field = target.closest("input, textarea, select");
  return field !== null && !(field instanceof HTMLInputElement && field.type === "checkbox");
}
