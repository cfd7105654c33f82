import { Card } from "@/components/ui/card";
import { Skeleton, SkeletonLines } from "@/components/ui/skeleton";

/** The overview on its way, at its size. */
export function OverviewSkeleton() {
  return (
    <>
      <Card className="h-52 p-3.5">
        <SkeletonLines lines={6} label="Reading the fleet" />
      </Card>
      <div className="grid grid-cols-1 gap-3.5 min-[480px]:grid-cols-2 xl:grid-cols-4">
        {["nodes", "gpus", "use", "talos"].map((tile) => (
          <Card key={tile} className="h-34 space-y-3 p-3.5">
            <Skeleton className="w-20" />
            <Skeleton className="h-8 w-24" />
            <Skeleton className="h-1.5 w-full" />
          </Card>
        ))}
      </div>
      <Card className="h-60 p-3.5">
        <Skeleton className="w-32" />
      </Card>
    </>
  );
}
