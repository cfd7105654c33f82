"use client";

import { Plus, Server } from "lucide-react";
import { useMemo } from "react";
import { useNodes, useRuns } from "@/components/live/use-live";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import { EmptyState } from "@/components/ui/states";
import { paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import { AttentionPanel } from "./attention-panel";
import { attentionRows, type OwnBackups } from "./attention-rows";
import { fleetFigures, gpusByModel } from "./fleet-figures";
import { GpuModels } from "./gpu-models";
import { OverviewSkeleton } from "./overview-skeleton";
import { Tiles } from "./tiles";

const addMachines = (
  <ButtonLink href={paths.addNodes()}>
    <Plus aria-hidden />
    Add machines
  </ButtonLink>
);

/** First what needs a person, then the fleet in numbers that lead on, then every GPU. */
export function OverviewPage({ backup }: { backup: OwnBackups }) {
  const { nodes, loaded } = useNodes();
  const { runs } = useRuns();
  const figures = useMemo(() => fleetFigures(nodes, runs), [nodes, runs]);
  const attention = useMemo(() => attentionRows(nodes, runs, backup), [nodes, runs, backup]);
  const models = useMemo(() => gpusByModel(nodes), [nodes]);

  if (!loaded && nodes.length === 0) {
    return (
      <div className="space-y-3.5">
        <PageHeader title="Fleet" description={<Skeleton className="mt-1 w-72" />} actions={addMachines} />
        <OverviewSkeleton />
      </div>
    );
  }
  if (nodes.length === 0) {
    return (
      <div className="space-y-3.5">
        <PageHeader title="No machines yet" />
        <Card>
          <EmptyState
            icon={Server}
            title="Add your first machines"
            action={
              <ButtonLink href={paths.addNodes()} variant="primary">
                <Plus aria-hidden />
                Add machines
              </ButtonLink>
            }
          >
            Import a talosconfig to see a cluster that runs already: nothing is installed on it. Or enter the address of
            a machine that waits in maintenance mode.
          </EmptyState>
        </Card>
      </div>
    );
  }
  return (
    <div className="space-y-3.5">
      <PageHeader
        title={`${countOf(nodes.length, "node")}, ${countOf(figures.gpuCount, "GPU")}`}
        description={
          <>
            {figures.gpuCount > 0 && `${figures.gpus.working} of ${figures.gpuCount} GPUs proven to work · `}
            read from the nodes {figures.newestReadMs === null ? "never" : <RelativeTime atMs={figures.newestReadMs} />}
          </>
        }
        actions={addMachines}
      />
      <AttentionPanel rows={attention} />
      <Tiles figures={figures} nodeCount={nodes.length} />
      <GpuModels groups={models} />
    </div>
  );
}
