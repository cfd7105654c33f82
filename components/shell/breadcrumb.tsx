"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useClusters, useNodes, useRuns } from "@/components/live/use-live";
import { useCrumb } from "./crumb";
import { sectionOf } from "./sections";

/** The name of a thing under a section, as far as the stream knows it. */
function useThingName(sectionHref: string | undefined, id: string | undefined): string | null {
  const { nodes } = useNodes();
  const { clusters } = useClusters();
  const { runs } = useRuns();
  if (!id) return null;
  if (sectionHref === "/nodes") return nodes.find((node) => node.id === id)?.name ?? null;
  if (sectionHref === "/clusters") return clusters.find((cluster) => cluster.id === id)?.name ?? null;
  if (sectionHref === "/upgrades") return runs.find((run) => run.id === id)?.title ?? null;
  return null;
}

export function Breadcrumb() {
  const pathname = usePathname();
  const section = sectionOf(pathname);
  const id = section && section.href !== "/" ? pathname.slice(section.href.length + 1).split("/")[0] : undefined;
  const live = useThingName(section?.href, id ? decodeURIComponent(id) : undefined);
  const crumb = useCrumb();
  const name = crumb ?? live;
  if (!section) return null;
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1.5">
        <li className={id ? "hidden sm:block" : "min-w-0 truncate font-medium"}>
          {id ? (
            <Link href={section.href} className="rounded-sm text-muted hover:text-fg">
              {section.label}
            </Link>
          ) : (
            <span aria-current="page">{section.label}</span>
          )}
        </li>
        {id && name && (
          <li className="flex min-w-0 items-center gap-1.5">
            <span aria-hidden className="hidden text-faint sm:inline">
              /
            </span>
            <span aria-current="page" className="truncate font-medium">
              {name}
            </span>
          </li>
        )}
      </ol>
    </nav>
  );
}
