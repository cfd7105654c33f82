"use client";

import { useEffect, useSyncExternalStore } from "react";

export type QuickAction = {
  /** A verb and its target, as on the button: `Reboot gpu-03…` */
  label: string;
  /** Where it belongs in the palette; default `This page`. */
  group?: string;
} & ({ href: string } | { run: () => void });

const registered = new Map<object, readonly QuickAction[]>();
const listeners = new Set<() => void>();
const none: readonly QuickAction[] = [];
let all = none;
const changed = () => {
  all = [...registered.values()].flat();
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Offers actions in the palette while the calling component is on the page. Keep `actions` stable (useMemo). */
export function useQuickActions(actions: readonly QuickAction[]): void {
  useEffect(() => {
    const key = {};
    registered.set(key, actions);
    changed();
    return () => {
      registered.delete(key);
      changed();
    };
  }, [actions]);
}

export const useRegisteredActions = (): readonly QuickAction[] =>
  useSyncExternalStore(
    subscribe,
    () => all,
    () => none,
  );
