"use client";

import Link from "next/link";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";

/** A change of the node's config that waits for its next boot: what it is, without secrets. */
export function StagedNotice({ node, link = true }: { node: NodeView; link?: boolean }) {
  const staged = node.config.state === "known" ? node.config.staged : null;
  if (!staged) return null;
  return (
    <Notice
      tone="info"
      title="A config change is staged for the next boot."
      action={
        link && (
          <Link
            href={paths.node(node.id, "config")}
            className="flex min-h-6 items-center font-medium text-accent hover:underline"
          >
            Config
          </Link>
        )
      }
    >
      {staged.summary.slice(0, 5).join(" ")}
      {staged.summary.length > 5 && " …"}
      {staged.sinceMs !== null && (
        <>
          {" "}
          Staged <RelativeTime atMs={staged.sinceMs} />.
        </>
      )}
    </Notice>
  );
}
