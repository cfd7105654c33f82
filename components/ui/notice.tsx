import { CircleCheck, CircleX, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";
import { type Tone, toneSoft, toneText } from "./tone";

const icons: Record<Tone, LucideIcon> = { ok: CircleCheck, info: Info, warn: TriangleAlert, bad: CircleX, idle: Info };

export type NoticeProps = {
  tone: Tone;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
  /** Read out when it appears. */
  live?: boolean;
};

/** A sentence that stands in the page: a warning, a refusal, a result. */
export function Notice({ tone, title, children, action, className, live }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div
      role={live ? (tone === "bad" ? "alert" : "status") : undefined}
      className={cn("flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md px-3 py-2.5", toneSoft[tone], className)}
    >
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", toneText[tone])} />
      <div className="min-w-0 flex-1 basis-48">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className={title ? "text-muted" : undefined}>{children}</div>}
      </div>
      {action}
    </div>
  );
}
