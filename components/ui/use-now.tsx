"use client";

import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";

const tickMs = 5_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let nowMs = Date.now();
let offsetMs = 0;
const RenderedAt = createContext<number | null>(null);

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

/** Says when the server drew what is inside: ages are first told as of then, so that browser and server draw the same. */
export const RenderedAtProvider = ({ atMs, children }: { atMs: number; children: ReactNode }) => (
  <RenderedAt value={atMs}>{children}</RenderedAt>
);

/** The time by the server's clock, fresh within five seconds; one timer for the whole page. */
export function useNow(): number {
  const renderedAtMs = useContext(RenderedAt);
  return useSyncExternalStore(
    subscribe,
    () => nowMs,
    () => renderedAtMs ?? nowMs,
  );
}
