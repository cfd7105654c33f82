"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useClusters, useNodes, useRuns } from "@/components/live/use-live";
import { cn } from "@/components/ui/cn";
import { unfinished } from "./running";
import { lowerSections, type Section, sectionOf, sections } from "./sections";

function useCounts(): Record<NonNullable<Section["count"]>, number | null> {
  const { nodes, loaded } = useNodes();
  const { clusters } = useClusters();
  const { runs } = useRuns();
  return {
    nodes: loaded ? nodes.length : null,
    clusters: loaded ? clusters.length : null,
    runs: unfinished(runs).length || null,
  };
}

function Item({
  section,
  current,
  count,
  onGo,
}: {
  section: Section;
  current: boolean;
  count: number | null;
  onGo?: () => void;
}) {
  const Icon = section.icon;
  return (
    <li>
      <Link
        href={section.href}
        onClick={onGo}
        aria-current={current ? "page" : undefined}
        className={cn(
          "relative flex h-8 items-center gap-2.5 rounded-md px-2.5 text-muted transition-colors hover:bg-hover hover:text-fg",
          current &&
            "bg-raised text-fg before:absolute before:inset-y-1.5 before:-left-px before:w-0.5 before:rounded-full before:bg-accent",
        )}
      >
        <Icon aria-hidden className="size-4 shrink-0" />
        <span className="flex-1">{section.label}</span>
        {count !== null && <span className="text-xs text-muted tabular">{count}</span>}
      </Link>
    </li>
  );
}

/** The sections with their counts, in the sidebar and in the drawer of a phone. */
export function NavList({ onGo }: { onGo?: () => void }) {
  const current = sectionOf(usePathname());
  const counts = useCounts();
  const item = (section: Section) => (
    <Item
      key={section.href}
      section={section}
      current={section === current}
      count={section.count ? counts[section.count] : null}
      onGo={onGo}
    />
  );
  return (
    <nav aria-label="Main">
      <ul className="space-y-0.5">{sections.map(item)}</ul>
      <ul className="mt-4 space-y-0.5">{lowerSections.map(item)}</ul>
    </nav>
  );
}
