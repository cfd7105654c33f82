import type { ReactNode } from "react";
import { cn } from "./cn";

export type Vendor = "nvidia" | "amd" | "intel" | "other";
const bars: Record<Vendor, string> = { nvidia: "bg-nvidia", amd: "bg-amd", intel: "bg-intel", other: "bg-idle" };
const names: Record<Vendor, string> = { nvidia: "NVIDIA", amd: "AMD", intel: "Intel", other: "" };

/** A GPU model; the vendor is a thin bar of its colour, never a fill. */
export function VendorChip({
  vendor,
  count = 1,
  children,
  className,
}: {
  vendor: Vendor;
  /** How many; said from two on. */
  count?: number;
  children: ReactNode;
  className?: string;
}) {
  return (
    <span
      title={names[vendor] || undefined}
      className={cn(
        "inline-flex h-5.5 max-w-full items-center gap-1.5 rounded-sm border border-line-strong px-1.5 text-xs whitespace-nowrap text-muted",
        className,
      )}
    >
      <span aria-hidden className={cn("h-3 w-0.75 shrink-0 rounded-full", bars[vendor])} />
      {names[vendor] && <span className="sr-only">{names[vendor]}</span>}
      <span className="truncate">{children}</span>
      {count > 1 && <span className="shrink-0">×{count}</span>}
    </span>
  );
}
