"use client";

import { useMemo } from "react";
import { useSamples } from "@/components/live/use-live";
import { AreaChart, type ChartPoint } from "@/components/ui/area-chart";
import { niceMaxBytes } from "@/components/ui/chart-path";
import { Panel } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/relative-time";
import { formatBytes, formatPercent, formatRate } from "@/lib/core/units";
import type { NodeCounters, NodeView } from "@/lib/inventory/schema";

type Key = Exclude<keyof NodeCounters, "atMs">;
const cpuStepMs = 15_000;

const series = (samples: readonly NodeCounters[], key: Key): ChartPoint[] =>
  samples.map((sample) => ({ atMs: sample.atMs, value: sample[key] }));

/** The ten minutes of CPU that come with every node, until finer samples have come in. */
function cpuPoints(node: NodeView, samples: readonly NodeCounters[]): ChartPoint[] {
  const endMs = node.counters?.atMs ?? node.readAtMs ?? 0;
  const before = node.cpuHistory.map((value, index) => ({
    atMs: endMs - (node.cpuHistory.length - 1 - index) * cpuStepMs,
    value,
  }));
  const firstMs = samples[0]?.atMs ?? Infinity;
  return [...before.filter(({ atMs }) => atMs < firstMs), ...series(samples, "cpuPercent")];
}

const rates = [
  { title: "Network, received", key: "networkReceiveBytesPerSecond" },
  { title: "Network, sent", key: "networkTransmitBytesPerSecond" },
  { title: "Disk, read", key: "diskReadBytesPerSecond" },
  { title: "Disk, written", key: "diskWriteBytesPerSecond" },
] as const;

/** Load over time. The newest values stand as text; what the node does not say is not drawn. */
export function CounterCharts({ node, history }: { node: NodeView; history: readonly NodeCounters[] }) {
  const samples = useSamples(node.id, history);
  const shown = useMemo(
    () => (samples.length > 0 ? samples : node.counters ? [node.counters] : []),
    [samples, node.counters],
  );
  const memoryTotal = node.counters?.memoryTotalBytes ?? undefined;
  return (
    <Panel
      title="Load"
      aside={
        node.counters && (
          <span className="text-xs">
            read <RelativeTime atMs={node.counters.atMs} />
          </span>
        )
      }
    >
      <div className="grid gap-x-6 gap-y-5 sm:grid-cols-2">
        <AreaChart title="CPU" points={cpuPoints(node, samples)} format={formatPercent} max={100} />
        <AreaChart
          title={memoryTotal === undefined ? "Memory" : `Memory of ${formatBytes(memoryTotal)}`}
          points={series(shown, "memoryUsedBytes")}
          format={formatBytes}
          max={memoryTotal}
          round={niceMaxBytes}
        />
        {rates.map(({ title, key }) => (
          <AreaChart key={key} title={title} points={series(shown, key)} format={formatRate} round={niceMaxBytes} />
        ))}
      </div>
    </Panel>
  );
}
