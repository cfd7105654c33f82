"use client";

import { useEffect, useRef } from "react";
import { cn } from "@/components/ui/cn";
import { useClock } from "@/components/ui/use-clock";
import type { InstallerLine } from "./run-model";

/** What the installer and the run say, newest at the end; follows while the reader is at the end. */
export function InstallerLines({ lines }: { lines: readonly InstallerLine[] }) {
  const clock = useClock();
  const box = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element && following.current) element.scrollTop = element.scrollHeight;
  }, [lines.length]);
  return (
    <div
      ref={box}
      role="log"
      aria-label="Installer"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
      className="max-h-96 min-h-24 overflow-auto border-t bg-canvas px-3.5 py-2.5 font-mono text-xs leading-5"
    >
      {lines.length === 0 && <p className="font-sans text-muted">Nothing yet.</p>}
      {lines.map((line) => (
        <p key={`${line.seq}`} className="flex gap-2.5">
          <time className="shrink-0 text-faint" dateTime={new Date(line.atMs).toISOString()}>
            {clock.time(line.atMs)}
          </time>
          <span
            className={cn(
              "min-w-0 wrap-anywhere whitespace-pre-wrap",
              line.kind === "note" && "text-muted",
              line.kind === "exit" && (line.ok ? "text-ok" : "text-bad"),
              line.kind === "note" && !line.ok && "text-bad",
            )}
          >
            {line.text}
          </span>
        </p>
      ))}
    </div>
  );
}
