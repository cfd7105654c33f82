import { cn } from "./cn";
import { type Tone, toneFill } from "./tone";

export type BarPart = { tone: Tone; count: number; label: string };

/** Shares of a whole as one thin bar; the words beside it say the numbers. */
export function StackedBar({ parts, className }: { parts: readonly BarPart[]; className?: string }) {
  const shown = parts.filter((part) => part.count > 0);
  return (
    <div
      role="img"
      aria-label={shown.map((part) => `${part.count} ${part.label}`).join(", ") || "nothing yet"}
      className={cn("flex h-1.25 gap-0.5", className)}
    >
      {shown.length === 0 && <span className="flex-1 rounded-full bg-line" />}
      {shown.map((part) => (
        <span
          key={part.label}
          className={cn("min-w-1.5 rounded-full", toneFill[part.tone])}
          style={{ flexGrow: part.count, flexBasis: 0 }}
        />
      ))}
    </div>
  );
}
