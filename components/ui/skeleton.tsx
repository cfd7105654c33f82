import { cn } from "./cn";

/** The place of something that is on its way, at its final size. */
export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden className={cn("block h-4 animate-breathe rounded-sm bg-line", className)} />
);

/** Lines of text on their way; says so once. */
export function SkeletonLines({ lines = 3, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div role="status" className="space-y-2.5">
      <span className="sr-only">{label}</span>
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} className={["w-3/4", "w-full", "w-1/2"][index % 3]} />
      ))}
    </div>
  );
}
