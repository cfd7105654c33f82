"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { setServerTime } from "@/components/ui/use-now";
import type { LiveFrame } from "@/lib/live/frames";
import { Fleet, type FleetPart } from "./fleet";
import { liveKey } from "./keys";
import { onFocusChange } from "./focus";
import type { LiveStream } from "./live-stream";
import { setLiveStatus } from "./status-store";

/** A tab that nobody sees lets go of its connection after a minute; browsers allow only six over HTTP/1.1. */
const hiddenPauseMs = 60_000;
const hiddenFlushMs = 1_000;

const newClient = () =>
  new QueryClient({
    defaultOptions: { queries: { staleTime: Infinity, gcTime: Infinity, structuralSharing: false, retry: false } },
  });

const schedule = (flush: () => void) => {
  if (document.hidden) setTimeout(flush, hiddenFlushMs);
  else requestAnimationFrame(flush);
};

function writeParts(client: QueryClient, fleet: Fleet, parts: Set<FleetPart>): void {
  for (const part of parts) {
    if (part === "nodes") client.setQueryData(liveKey.nodes, { byId: new Map(fleet.nodes), list: fleet.nodeList() });
    else if (part === "clusters") client.setQueryData(liveKey.clusters, fleet.clusterList());
    else if (part === "runs") client.setQueryData(liveKey.runs, fleet.runList());
    else if (part === "scans") client.setQueryData(liveKey.scans, new Map(fleet.scans));
    else if (part === "scan-answers") client.setQueryData(liveKey.scanAnswers, new Map(fleet.scanAnswers));
    else if (part.startsWith("counters:")) {
      const nodeId = part.slice("counters:".length);
      client.setQueryData(liveKey.samples(nodeId), fleet.counters.get(nodeId) ?? []);
    } else {
      const runId = part.slice("events:".length);
      client.setQueryData(liveKey.runEvents(runId), fleet.events.get(runId) ?? []);
    }
  }
}

/** Holds the tab's one stream and feeds it into the query cache, one write per part and animation frame. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [client] = useState(newClient);
  const router = useRouter();

  useEffect(() => {
    const fleet = new Fleet();
    const onFrames = (frames: LiveFrame[]) => {
      for (const frame of frames) if (frame.type === "hello") setServerTime(frame.serverTimeMs);
      writeParts(client, fleet, fleet.apply(frames));
    };
    let stream: LiveStream | null = null;
    let ended = false;
    // The reader of frames brings the schemas with it, which are not needed to show the page.
    import("./live-stream").then(
      ({ LiveStream }) => {
        if (ended) return;
        stream = new LiveStream({
          url: "/api/live",
          open: (url) => new EventSource(url),
          onFrames,
          onStatus: setLiveStatus,
          // The layout redirects to sign-in when the session is what ended.
          onRefused: () => router.refresh(),
          schedule,
        });
        stream.setFocus(looked);
        stream.start();
      },
      () =>
        setLiveStatus({
          state: "connecting",
          synced: false,
          lastFrameAtMs: null,
          problem: "A part of this page could not be loaded. Reload the page.",
        }),
    );
    let pauseTimer: ReturnType<typeof setTimeout> | undefined;
    const onVisibility = () => {
      clearTimeout(pauseTimer);
      if (document.hidden) pauseTimer = setTimeout(() => stream?.pause(), hiddenPauseMs);
      else stream?.start();
    };
    document.addEventListener("visibilitychange", onVisibility);
    let looked: string | null = null;
    const stopFocus = onFocusChange((nodeId) => {
      looked = nodeId;
      fleet.keepSamples(nodeId);
      stream?.setFocus(nodeId);
    });
    return () => {
      ended = true;
      stopFocus();
      clearTimeout(pauseTimer);
      document.removeEventListener("visibilitychange", onVisibility);
      stream?.stop();
    };
  }, [client, router]);

  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
