"use client";

import { RelativeTime } from "@/components/ui/relative-time";
import { StatusMark } from "@/components/ui/status";
import { useNow } from "@/components/ui/use-now";
import type { ClusterView } from "@/lib/inventory/schema";
import { expiryTone } from "./cluster-words";

/** When the credentials that are held for a cluster end. */
export function ExpiryText({ cluster }: { cluster: ClusterView }) {
  const nowMs = useNow();
  const { secrets, credentialExpiresMs: expiresMs } = cluster;
  if (secrets !== "none") return <span>renewed here</span>;
  if (expiresMs === null) return <span className="text-faint">not known</span>;
  const tone = expiryTone(expiresMs, nowMs);
  return (
    <span className="inline-flex items-center gap-1.5">
      <StatusMark tone={tone} />
      {tone === "bad" && "expired "}
      <RelativeTime atMs={expiresMs} />
    </span>
  );
}
