import { chartShape } from "./chart-path";
import { cn } from "./cn";

export type SparklineProps = {
  values: readonly (number | null)[];
  /** What it shows, with its newest value: `CPU 41 %, last 10 minutes`. */
  label: string;
  max?: number;
  width?: number;
  height?: number;
  className?: string;
};

/** A series at the size of a word. */
export function Sparkline({ values, label, max = 100, width = 72, height = 20, className }: SparklineProps) {
  const { line, area } = chartShape(values, width, height, max);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className={cn("overflow-visible text-accent", className)}
      style={className?.includes("w-") ? { height } : { width, height }}
    >
      <path d={area} fill="currentColor" opacity="0.14" />
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.25"
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
      />
    </svg>
  );
}
