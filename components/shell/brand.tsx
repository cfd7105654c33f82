import Link from "next/link";
import { cn } from "@/components/ui/cn";

/** A hexagon of bronze-age metal with the single vein in it. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 24 24" fill="none" className={cn("size-4.5", className)}>
      <path
        d="M12 1.8 20.8 6.9v10.2L12 22.2 3.2 17.1V6.9z"
        className="fill-raised stroke-line-strong"
        strokeWidth="1.4"
      />
      <path
        d="M13.4 5.6 9.6 11.8h4.8l-3.8 6.6"
        className="stroke-accent"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export const Brand = ({ className }: { className?: string }) => (
  <Link
    href="/"
    className={cn("flex h-8 items-center gap-2.5 rounded-md px-2.5 text-lg font-semibold text-muted", className)}
  >
    <Mark />
    Ichor
  </Link>
);
