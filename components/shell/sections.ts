import {
  Activity,
  ArrowUpCircle,
  Boxes,
  CircuitBoard,
  Disc3,
  type LucideIcon,
  ScrollText,
  Server,
  SlidersHorizontal,
} from "lucide-react";
import { paths } from "@/lib/core/paths";

export type Section = {
  label: string;
  href: string;
  icon: LucideIcon;
  key: string;
  count?: "nodes" | "clusters" | "runs";
};

/** The rooms of the console in the order of the sidebar; `key` is pressed after `g`. */
export const sections: readonly Section[] = [
  { label: "Overview", href: paths.overview(), icon: Activity, key: "o" },
  { label: "Nodes", href: paths.nodes(), icon: Server, key: "n", count: "nodes" },
  { label: "Clusters", href: paths.clusters(), icon: Boxes, key: "c", count: "clusters" },
  { label: "GPU profiles", href: paths.gpuProfiles(), icon: CircuitBoard, key: "p" },
  { label: "Images", href: paths.images(), icon: Disc3, key: "i" },
  { label: "Upgrades", href: paths.upgrades(), icon: ArrowUpCircle, key: "u", count: "runs" },
];
export const lowerSections: readonly Section[] = [
  { label: "Audit", href: paths.audit(), icon: ScrollText, key: "a" },
  { label: "Settings", href: paths.settings(), icon: SlidersHorizontal, key: "s" },
];
export const allSections: readonly Section[] = [...sections, ...lowerSections];

/** The section that a path belongs to. */
export const sectionOf = (pathname: string): Section | undefined =>
  allSections.find(({ href }) =>
    href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`),
  );
