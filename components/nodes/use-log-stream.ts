"use client";

import { useEffect, useState } from "react";
import { logFrame } from "@/lib/inventory/log-frames";
import { appendLines, type LogEntry } from "./log-buffer";

export type LogStream = {
  entries: readonly LogEntry[];
  /** `none`: there is no such log yet, and it is looked for again. */
  state: "connecting" | "live" | "reconnecting" | "none" | "ended";
  problem: { message: string; hint?: string } | null;
};
const empty: LogStream = { entries: [], state: "connecting", problem: null };
const closedState = 2;
const lookAgainMs = 10_000;

/** Follows a log stream of a node; lines are added once per animation frame. A new `url` begins anew. */
export function useLogStream(url: string): LogStream {
  const [{ of, stream }, setState] = useState({ of: url, stream: empty });
  const [attempt, setAttempt] = useState(0);
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
    let again: ReturnType<typeof setTimeout> | undefined;
    const source = new EventSource(url);
    // A log that is not there is known to be so until it has a line.
    source.onopen = () => update((before) => ({ ...before, state: before.state === "none" ? "none" : "live" }));
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
      if (frame.type === "none") {
        source.close();
        again = setTimeout(() => setAttempt((attempt) => attempt + 1), lookAgainMs);
        return update((before) => ({ ...before, state: "none", problem: { message: frame.message } }));
      }
      if (frame.type === "error") return update((before) => ({ ...before, problem: frame }));
      source.close();
      update((before) => ({ ...before, state: "ended" }));
    };
    return () => {
      source.close();
      clearTimeout(again);
      cancelAnimationFrame(scheduled);
    };
  }, [url, attempt]);
  return of === url ? stream : empty;
}
