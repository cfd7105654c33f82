import { Status } from "@/components/ui/status";
import type { ImageView } from "@/lib/schematic/schema";

/** Whether the factory knows the schematic: without that no image of it can be had. */
export function Registration({ image }: { image: ImageView }) {
  if (!image.stored) return <Status tone="idle">Read from nodes</Status>;
  if (image.registeredAtMs !== null) return <Status tone="ok">Registered</Status>;
  return (
    <Status tone="warn" reason={image.lastError ?? "The next attempt is under way."}>
      Not registered yet
    </Status>
  );
}
