"use client";

import { FileCog } from "lucide-react";
import { Suspense } from "react";
import { useThisNode } from "@/components/nodes/this-node";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { SkeletonLines } from "@/components/ui/skeleton";
import { EmptyState } from "@/components/ui/states";
import { useHydrated } from "@/components/ui/use-hydrated";
import { paths } from "@/lib/core/paths";
import { AdoptMachine } from "./adopt-machine";
import { ConfigChange, type FirstPreview } from "./config-change";
import type { ProfileOption } from "./profile-choice";

/** The machine config of a node; for a machine that waits for its first one, the way to give it. */
export function ConfigTab({ first, profiles }: { first: FirstPreview; profiles: readonly ProfileOption[] }) {
  const node = useThisNode();
  const hydrated = useHydrated();
  if (node.clusterId === null && node.stage === "maintenance") return <AdoptMachine profiles={profiles} />;
  if (node.clusterId === null || node.stage === "maintenance") {
    const waiting = node.clusterId !== null;
    return (
      <Card>
        <EmptyState
          icon={FileCog}
          title={waiting ? "The machine is in maintenance mode" : "No config yet"}
          action={<ButtonLink href={paths.node(node.id, "boot-media")}>Boot media</ButtonLink>}
        >
          {waiting
            ? "It belongs to a cluster here and yet waits for a first config. If it was wiped, stop managing it and find it anew to adopt it."
            : "When the machine was booted from its image and waits in maintenance mode, its first config is made here."}
        </EmptyState>
      </Card>
    );
  }
  const reading = (
    <Card className="p-3.5">
      <SkeletonLines lines={9} label="Reading the config from the node" />
    </Card>
  );
  // The node may have changed on this page before its config is here: drawn by the server, the two would not match.
  return hydrated ? (
    <Suspense fallback={reading}>
      <ConfigChange first={first} />
    </Suspense>
  ) : (
    reading
  );
}
