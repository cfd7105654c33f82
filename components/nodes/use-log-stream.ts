"use client";

import { useEffect, useState } from "react";
import { logFrame } from "@/lib/inventory/log-frames";
import { appendLines, type LogEntry } from "./log-buffer";

export type LogStream = {
  entries: readonly LogEntry[];
  state: "connecting" | "live" | "reconnecting" | "ended";
  problem: { message: string; hint?: string } | null;
};
const empty: LogStream = { entries: [], state: "connecting", problem: null };
const closedState = 2;

/** Follows a log stream of a node; lines are added once per animation frame. A new `url` begins anew. */
export function useLogStream(url: string): LogStream {
  const [{ of, stream }, setState] = useState({ of: url, stream: empty });
  useEffect(() => {
    let waiting: (string | null)[] = [];
    let scheduled = 0;
    const update = (change: (stream: LogStream) => LogStream) =>
      setState((before) => ({ of: url, stream: change(before.of === url ? before.stream : empty) }));
    const flush = () => {
      scheduled = 0;
      const added = waiting;
      waiting = [];
      update((before) => ({ ...before, state: "live", problem: null, entries: appendLines(before.entries, added) }));
    };
    const add = (lines: readonly (string | null)[]) => {
      for (const line of lines) waiting.push(line);
      scheduled ||= requestAnimationFrame(flush);
    };
    const source = new EventSource(url);
    source.onopen = () => update((before) => ({ ...before, state: "live" }));
    source.onerror = () => {
      const refused = source.readyState === closedState;
      update((before) => ({
        ...before,
        state: refused ? "ended" : "reconnecting",
        problem: refused
          ? { message: "The log could not be opened.", hint: "The node may be unreachable, or it has no such log." }
          : before.problem,
      }));
    };
    source.onmessage = (event: MessageEvent<string>) => {
      const parsed = logFrame.safeParse(JSON.parse(event.data));
      if (!parsed.success) return;
      const frame = parsed.data;
      if (frame.type === "lines") return add(frame.lines);
      if (frame.type === "gap") return add([null]);
      if (frame.type === "error") return update((before) => ({ ...before, problem: frame }));
      source.close();
      update((before) => ({ ...before, state: "ended" }));
    };
    return () => {
      source.close();
      cancelAnimationFrame(scheduled);
    };
  }, [url]);
  return of === url ? stream : empty;
}
