"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { groupTones, groupWords, statusGroups } from "@/components/nodes/node-status";
import { Progress } from "@/components/ui/progress";
import { Sparkline } from "@/components/ui/sparkline";
import { type BarPart, StackedBar } from "@/components/ui/stacked-bar";
import type { Tone } from "@/components/ui/tone";
import { paths } from "@/lib/core/paths";
import { formatBytes } from "@/lib/core/units";
import type { FleetFigures } from "./fleet-figures";

type Part = BarPart & { href: string };
type TileProps = {
  title: string;
  href: string;
  value: ReactNode;
  unit?: string;
  children: ReactNode;
  parts?: readonly Part[];
  note?: string;
};

/** A number that leads to what it counts, its shares as a bar, and each share in words that lead to theirs. */
function Tile({ title, href, value, unit, children, parts, note }: TileProps) {
  return (
    <section className="relative flex min-w-0 flex-col gap-2 rounded-lg border bg-surface p-3.5 transition-colors hover:border-line-strong">
      <h2 className="text-xs text-muted">
        <Link href={href} className="after:absolute after:inset-0 after:rounded-lg">
          {title}
        </Link>
      </h2>
      <p className="flex items-baseline gap-0.5 tabular">
        <span className="text-2xl font-semibold tracking-[-0.02em]">{value}</span>
        {unit && <span className="text-base text-muted">{unit}</span>}
      </p>
      {children}
      <p className="text-xs text-muted">
        {parts
          ?.filter(({ count }) => count > 0)
          .map((part, index) => (
            <span key={part.label}>
              {index > 0 && " · "}
              <Link href={part.href} className="relative z-1 hover:text-fg hover:underline">
                {part.count} {part.label}
              </Link>
            </span>
          ))}
        {note}
      </p>
    </section>
  );
}

const talosTones: readonly Tone[] = ["ok", "info", "warn", "idle"];

export function Tiles({ figures, nodeCount }: { figures: FleetFigures; nodeCount: number }) {
  const nodeParts: Part[] = statusGroups.map((group) => ({
    tone: groupTones[group],
    count: figures.nodes[group],
    label:
      group === "ready"
        ? "well"
        : groupWords[group]
            .toLowerCase()
            .replace("needs", figures.nodes[group] === 1 ? "needs" : "need")
            .replace("waiting for config", "waiting"),
    href: paths.nodes({ status: group }),
  }));
  const { working, unproven, broken } = figures.gpus;
  const gpuParts: Part[] = [
    { tone: "ok", count: working, label: "working", href: paths.nodes({ proof: "working" }) },
    { tone: "warn", count: unproven, label: "not proven yet", href: paths.nodes({ proof: "unproven" }) },
    { tone: "bad", count: broken, label: "not working", href: paths.nodes({ proof: "broken" }) },
    {
      tone: "idle",
      count: figures.gpus["no-profile"],
      label: "without profile",
      href: paths.nodes({ proof: "no-profile" }),
    },
  ];
  const talosParts: Part[] = figures.talos.map(({ minor, count }, index) => ({
    tone: talosTones[Math.min(index, talosTones.length - 1)] ?? "idle",
    count,
    label: `on ${minor}`,
    href: paths.nodes({ talos: minor }),
  }));
  const { gpuUse, gpuMemory, cpuPercent } = figures;
  return (
    <div className="grid grid-cols-1 gap-3.5 min-[480px]:grid-cols-2 xl:grid-cols-4">
      <Tile
        title="Nodes ready"
        href={paths.nodes()}
        value={figures.ready}
        unit={`/${nodeCount}`}
        parts={nodeParts.slice(1)}
      >
        <StackedBar parts={nodeParts} />
      </Tile>
      <Tile
        title="GPUs proven"
        href={paths.nodes({ sort: "proof" })}
        value={working}
        unit={`/${figures.gpuCount}`}
        parts={gpuParts.slice(1)}
      >
        <StackedBar parts={gpuParts} />
      </Tile>
      {gpuUse ? (
        <Tile
          title="GPU use, all"
          href={paths.nodes({ proof: "working" })}
          value={Math.round(gpuUse.percent)}
          unit="%"
          note={`${gpuMemory ? `${formatBytes(gpuMemory.usedBytes)} of ${formatBytes(gpuMemory.totalBytes)} memory · ` : ""}${gpuUse.of} of ${figures.gpuCount} report`}
        >
          <Progress label="GPU use" value={gpuUse.percent} max={100} className="h-1.25" />
        </Tile>
      ) : (
        <Tile
          title="CPU, all nodes"
          href={paths.nodes({ sort: "-cpu" })}
          value={cpuPercent === null ? "–" : Math.round(cpuPercent)}
          unit={cpuPercent === null ? undefined : "%"}
          note={cpuPercent === null ? "no reading yet" : "all nodes together, last ten minutes"}
        >
          <Sparkline
            values={figures.cpuHistory}
            label="CPU of all nodes, last ten minutes"
            width={240}
            height={22}
            className="w-full"
          />
        </Tile>
      )}
      <Tile
        title="Talos, newest"
        href={paths.nodes({ sort: "-talos" })}
        value={figures.newestTalos ?? "–"}
        parts={talosParts}
      >
        <StackedBar parts={talosParts} />
      </Tile>
    </div>
  );
}
