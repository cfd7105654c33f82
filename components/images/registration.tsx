import { Status } from "@/components/ui/status";
import type { SchematicView } from "@/lib/schematic/schema";

/** Whether the factory knows the schematic: without that no image of it can be had. */
export function Registration({ schematic }: { schematic: SchematicView }) {
  if (schematic.registeredAtMs !== null) return <Status tone="ok">Registered</Status>;
  return (
    <Status tone="warn" reason={schematic.lastError ?? "The next attempt is under way."}>
      Not registered yet
    </Status>
  );
}
