import { cn } from "./cn";
import { type Tone, toneFill } from "./tone";

export type ProgressProps = {
  /** What is under way. */
  label: string;
  value: number;
  max: number;
  tone?: Tone;
  className?: string;
};

/** How far something is. Write the numbers beside it. */
export function Progress({ label, value, max, tone = "info", className }: ProgressProps) {
  const share = max > 0 ? Math.max(0, Math.min(1, value / max)) : 0;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      className={cn("h-1 overflow-hidden rounded-full bg-line", className)}
    >
      <div
        className={cn("h-full origin-left rounded-full transition-transform duration-300", toneFill[tone])}
        style={{ transform: `scaleX(${share})` }}
      />
    </div>
  );
}
