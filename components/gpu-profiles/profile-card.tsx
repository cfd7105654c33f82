"use client";

import Link from "next/link";
import { useNodes } from "@/components/live/use-live";
import { VendorChip } from "@/components/ui/vendor-chip";
import { needsProfile } from "@/components/nodes/node-gpus";
import { paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import { vendorName } from "./profile-facts";

/** One profile of the catalogue, with the nodes that have it and those that it is suggested for. */
export function ProfileCard({ profile }: { profile: GpuProfile }) {
  const { nodes, loaded } = useNodes();
  const assigned = nodes.filter((node) => node.intent.profileIds.includes(profile.id)).length;
  const suggested = nodes.filter(
    (node) =>
      node.suggestion?.profileId === profile.id && !node.intent.profileIds.includes(profile.id) && needsProfile(node),
  ).length;
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-lg border bg-surface p-3.5">
      <div className="flex items-start justify-between gap-3">
        <h3 className="min-w-0 font-semibold">
          <Link
            href={paths.gpuProfile(profile.id)}
            className="underline decoration-line-strong underline-offset-3 hover:decoration-current"
          >
            {profile.name}
          </Link>
        </h3>
        <VendorChip vendor={profile.vendor === "none" ? "other" : profile.vendor}>{vendorName(profile)}</VendorChip>
      </div>
      <p className="text-muted">{profile.summary}</p>
      <p className="mt-auto pt-1 text-xs text-muted tabular-nums">
        {!loaded ? (
          "…"
        ) : (
          <>
            <span className={assigned > 0 ? "text-fg" : undefined}>
              {assigned === 0 ? "Assigned to no node" : `Assigned to ${countOf(assigned, "node")}`}
            </span>
            {suggested > 0 && (
              <span className="text-warn">
                {" "}
                · suggested for {suggested}
                {assigned > 0 && " more"}
              </span>
            )}
          </>
        )}
      </p>
    </li>
  );
}
