"use client";

import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useClock } from "@/components/ui/use-clock";
import { useLiveStatus } from "./status-store";

/** Says when what stands on the page may be old: stale rows stay, with their time. */
export function LiveBanner() {
  const clock = useClock();
  const state = useLiveStatus((status) => status.state);
  const synced = useLiveStatus((status) => status.synced);
  const problem = useLiveStatus((status) => status.problem);
  const lastFrameAtMs = useLiveStatus((status) => (status.state === "live" ? null : status.lastFrameAtMs));
  const stale = synced && state === "reconnecting";
  if (!stale && !problem) return null;
  const since = lastFrameAtMs === null ? "" : ` data from ${clock.time(lastFrameAtMs)}`;
  return (
    <Notice
      tone="warn"
      live
      className="mb-4"
      title={stale ? `Reconnecting…${since}` : problem}
      action={
        problem ? (
          <Button size="sm" onClick={() => location.reload()}>
            Reload
          </Button>
        ) : undefined
      }
    >
      {stale && "What you see stays as it was last read. It updates by itself when the connection is back."}
    </Notice>
  );
}
