import { cn } from "./cn";

const beat = "M0 8h22l3-5 4 10 3-5h4l2-3 2 3h20";

/** The motif: a fine pulse for what is live. Flat when it is not. */
export function PulseLine({ live, className }: { live: boolean; className?: string }) {
  return (
    <span
      aria-hidden
      className={cn("inline-flex h-4 w-15 overflow-hidden text-accent", !live && "text-faint", className)}
    >
      <svg
        viewBox="0 0 120 16"
        className={cn("h-4 w-30 shrink-0", live && "animate-pulse-line")}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.25"
        strokeLinejoin="round"
      >
        {live ? (
          <>
            <path d={beat} />
            <path d={beat} transform="translate(60 0)" />
          </>
        ) : (
          <path d="M0 8h120" />
        )}
      </svg>
    </span>
  );
}
