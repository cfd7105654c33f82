"use client";

import { type RefObject, useEffect, useState } from "react";

/** Fewer rows than this are simply all there. */
const windowFromRows = 120;
const overscanRows = 12;
const stepRows = 8;

/** The rows of a long table that are near the screen; all have the same height. `end` is exclusive. */
export function useRowWindow(body: RefObject<HTMLElement | null>, count: number, rowPx: number) {
  const [start, setStart] = useState(0);
  const [visible, setVisible] = useState(60);
  const windowed = count >= windowFromRows;

  useEffect(() => {
    if (!windowed) return;
    const measure = () => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / rowPx) - overscanRows);
      setStart(Math.floor(first / stepRows) * stepRows);
      setVisible(Math.ceil(window.innerHeight / rowPx) + 2 * overscanRows + stepRows);
    };
    measure();
    window.addEventListener("scroll", measure, { passive: true });
    window.addEventListener("resize", measure);
    return () => {
      window.removeEventListener("scroll", measure);
      window.removeEventListener("resize", measure);
    };
  }, [body, rowPx, windowed]);

  if (!windowed) return { start: 0, end: count };
  const from = Math.min(start, Math.max(0, count - visible));
  return { start: from, end: Math.min(count, from + visible) };
}
