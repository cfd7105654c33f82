"use client";

import { useSyncExternalStore } from "react";

const tickMs = 5_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let nowMs = Date.now();
let offsetMs = 0;

function tick(): void {
  nowMs = Date.now() + offsetMs;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    nowMs = Date.now() + offsetMs;
    timer = setInterval(tick, tickMs);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** Takes the server's clock: ages are told by it, whatever the reader's clock says. */
export function setServerTime(serverTimeMs: number): void {
  offsetMs = serverTimeMs - Date.now();
  tick();
}

/** The time by the server's clock, fresh within five seconds; one timer for the whole page. */
export const useNow = (): number =>
  useSyncExternalStore(
    subscribe,
    () => nowMs,
    () => (typeof window === "undefined" ? Date.now() : nowMs),
  );
