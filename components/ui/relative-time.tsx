"use client";

import { useClock } from "./use-clock";
import { useNow } from "./use-now";

/** A length of time in its largest unit: `4 s`, `3 min`, `2 h`, `11 days`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${hours}\u00a0h`;
  return `${Math.round(hours / 24)}\u00a0days`;
}

/** `now`, `3 min ago`, `in 2 h`. */
export function relativeText(atMs: number, nowMs: number): string {
  const delta = nowMs - atMs;
  // The page's clock ticks every five seconds, so what was just read can seem to lie a little ahead.
  if (delta > -8_000 && delta < 5_000) return "now";
  return delta < 0 ? `in ${durationText(-delta)}` : `${durationText(delta)} ago`;
}

/** A time as people say it, kept fresh, with the exact one in `<time>` and its title. */
export function RelativeTime({ atMs, className }: { atMs: number; className?: string }) {
  const now = useNow();
  const { exact } = useClock();
  return (
    <time dateTime={new Date(atMs).toISOString()} title={exact(atMs)} className={className}>
      {relativeText(atMs, now)}
    </time>
  );
}
