"use client";

import { useHydrated } from "./use-hydrated";

export type Clock = {
  /** `21:14:07`. */
  time: (atMs: number) => string;
  /** `22 Nov 2026, 21:14:07`. */
  exact: (atMs: number) => string;
};

function clockOf(timeZone: string | undefined): Clock {
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone });
  const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone });
  return { time: (atMs) => time.format(atMs), exact: (atMs) => exact.format(atMs) };
}

const utc = clockOf("UTC");
const local = clockOf(undefined);

/** Times of day in the reader's zone; the page as the server draws it cannot know that zone, and is in UTC. */
export const useClock = (): Clock => (useHydrated() ? local : utc);
