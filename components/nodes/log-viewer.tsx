"use client";

import { ArrowDownToLine } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { SearchInput } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { PulseLine } from "@/components/ui/pulse-line";
import { type LogStream, useLogStream } from "./use-log-stream";

const stateWords: Record<LogStream["state"], string> = {
  connecting: "Opening",
  live: "Live",
  reconnecting: "Reconnecting",
  none: "No log yet",
  ended: "Ended",
};
const nearBottomPx = 40;

/** Lines as they come. Follows the newest until one scrolls up; what is too far back is dropped. */
export function LogViewer({ url, label }: { url: string; label: string }) {
  const { entries, state, problem } = useLogStream(url);
  const [follow, setFollow] = useState(true);
  const [query, setQuery] = useState("");
  const sought = useDeferredValue(query.trim().toLowerCase());
  const box = useRef<HTMLDivElement>(null);
  const shown = useMemo(
    () =>
      sought === ""
        ? entries
        : entries.filter((entry) => entry.kind === "line" && entry.text.toLowerCase().includes(sought)),
    [entries, sought],
  );
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown, follow]);
  const onScroll = () => {
    const { current } = box;
    if (current) setFollow(current.scrollHeight - current.scrollTop - current.clientHeight < nearBottomPx);
  };
  return (
    <section aria-label={label} className="overflow-hidden rounded-lg border bg-surface">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b px-3.5 py-2">
        <SearchInput
          aria-label="Find in the log"
          placeholder="Find in the log"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          className="w-full sm:w-60"
        />
        <span className="text-xs text-muted tabular">
          {sought === "" ? `${entries.length} lines` : `${shown.length} of ${entries.length} lines`}
        </span>
        <span role="status" className="ml-auto flex items-center gap-2 text-xs text-muted">
          <PulseLine live={state === "live"} className="w-8" />
          {stateWords[state]}
        </span>
        <Button
          size="sm"
          aria-pressed={follow}
          onClick={() => setFollow(!follow)}
          className={cn(follow && "border-accent bg-accent-soft")}
        >
          <ArrowDownToLine aria-hidden />
          Follow
        </Button>
      </div>
      {problem && (
        <Notice
          tone={state === "none" ? "info" : "warn"}
          title={problem.message}
          live
          className="rounded-none border-b"
        >
          {problem.hint}
        </Notice>
      )}
      <div
        ref={box}
        onScroll={onScroll}
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        className="h-[max(18rem,calc(100dvh-22rem))] overflow-auto bg-canvas py-2 font-mono text-xs leading-5 focus-visible:outline-offset-[-2px]"
      >
        {shown.length === 0 && (
          <p className="px-3.5 font-sans text-muted">
            {sought !== ""
              ? "No line has that text."
              : state === "connecting"
                ? "Opening the log…"
                : state === "none"
                  ? "No log yet."
                  : "No line yet."}
          </p>
        )}
        {shown.map((entry) =>
          entry.kind === "gap" ? (
            <p key={entry.seq} className="border-y border-dashed px-3.5 font-sans text-faint">
              The connection was away here: lines may be missing.
            </p>
          ) : (
            <p
              key={entry.seq}
              className="px-3.5 wrap-anywhere whitespace-pre-wrap [contain-intrinsic-size:auto_20px] [content-visibility:auto]"
            >
              {entry.text}
            </p>
          ),
        )}
      </div>
    </section>
  );
}
