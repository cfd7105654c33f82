import { CircleCheck, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";
import { Spinner } from "./spinner";
import { type Tone, toneFill, toneText } from "./tone";

const toneIcons: Partial<Record<Tone, LucideIcon>> = { bad: CircleX, warn: TriangleAlert };

export type StatusProps = {
  tone: Tone;
  /** The state in words: colour and icon only repeat it. */
  children: ReactNode;
  /** Why, on a second line. */
  reason?: ReactNode;
  /** On its way to another state. */
  transitional?: boolean;
  icon?: LucideIcon;
  className?: string;
};

/** The mark before a status text. */
export function StatusMark({ tone, transitional, icon }: Pick<StatusProps, "tone" | "transitional" | "icon">) {
  if (transitional) return <Spinner className={cn("size-3.5", toneText[tone])} />;
  const Icon = icon ?? toneIcons[tone];
  if (Icon) return <Icon aria-hidden className={cn("size-3.5 shrink-0", toneText[tone])} />;
  return (
    <span aria-hidden className="inline-flex size-3.5 shrink-0 items-center justify-center">
      <span className={cn("size-2 rounded-full", toneFill[tone])} />
    </span>
  );
}

/** A state: mark, words, and the reason under it. */
export function Status({ tone, children, reason, transitional, icon, className }: StatusProps) {
  return (
    <span className={cn("flex min-w-0 flex-col", className)}>
      <span className="flex min-w-0 items-center gap-1.5">
        <StatusMark tone={tone} transitional={transitional} icon={icon} />
        <span className="truncate">{children}</span>
      </span>
      {reason && <span className="truncate text-xs text-muted">{reason}</span>}
    </span>
  );
}

/** Done, in words. */
export const doneIcon = CircleCheck;
