"use client";

import { useSyncExternalStore } from "react";
import type { LiveStatus } from "./live-stream";

const initial: LiveStatus = { state: "connecting", synced: false, lastFrameAtMs: null, problem: null };
let status = initial;
const listeners = new Set<() => void>();

export function setLiveStatus(next: LiveStatus): void {
  status = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** The state of this tab's stream. Re-renders with every batch; select what is needed. */
export function useLiveStatus<T>(select: (status: LiveStatus) => T): T {
  return useSyncExternalStore(
    subscribe,
    () => select(status),
    () => select(initial),
  );
}
