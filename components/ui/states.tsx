import { CircleX, type LucideIcon, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button";
import { cn } from "./cn";

type FrameProps = { icon: ReactNode; title: string; children?: ReactNode; action?: ReactNode; className?: string };

function Frame({ icon, title, children, action, className }: FrameProps) {
  return (
    <div className={cn("flex flex-col items-center gap-2 px-4 py-12 text-center", className)}>
      <span className="mb-1 text-faint [&>svg]:size-6">{icon}</span>
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="max-w-md text-muted">{children}</div>}
      {action && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

export type EmptyStateProps = {
  icon: LucideIcon;
  /** `No clusters yet` */
  title: string;
  /** Why it is empty and what comes next. */
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
};

/** Nothing is there, and that is the truth. */
export function EmptyState({ icon: Icon, ...rest }: EmptyStateProps) {
  return <Frame icon={<Icon aria-hidden />} {...rest} />;
}

/** Something is there, and the filters hide it. */
export function NoMatch(props: { what: string; onClear: () => void; children?: ReactNode }) {
  return (
    <Frame
      icon={<SearchX aria-hidden />}
      title={`No ${props.what} match these filters`}
      action={<Button onClick={props.onClear}>Clear filters</Button>}
    >
      {props.children}
    </Frame>
  );
}

export type ErrorStateProps = {
  title: string;
  message: string;
  hint?: string;
  requestId?: string;
  onRetry?: () => void;
  className?: string;
};

/** It could not be read: never shown as an empty list. */
export function ErrorState({ title, message, hint, requestId, onRetry, className }: ErrorStateProps) {
  return (
    <div role="alert">
      <Frame
        className={className}
        icon={<CircleX aria-hidden className="text-bad" />}
        title={title}
        action={onRetry && <Button onClick={onRetry}>Try again</Button>}
      >
        <p>{message}</p>
        {hint && <p className="mt-1">{hint}</p>}
        {requestId && <p className="mt-1 font-mono text-xs text-faint">Request {requestId}</p>}
      </Frame>
    </div>
  );
}
