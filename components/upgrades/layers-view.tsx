import { Progress } from "@/components/ui/progress";
import { formatBytes } from "@/lib/core/units";
import type { RunEvent } from "@/lib/upgrades/schema";

type Layer = Extract<RunEvent, { kind: "layers" }>["layers"][number];
const done: readonly Layer["status"][] = ["extracted", "already-exists"];

function layerText({ status, offsetBytes, totalBytes }: Layer): string {
  const texts: Record<Layer["status"], string> = {
    downloading:
      totalBytes > 0 ? `${formatBytes(offsetBytes)} of ${formatBytes(totalBytes)}` : formatBytes(offsetBytes),
    downloaded: "downloaded",
    extracting: "extracting",
    extracted: totalBytes > 0 ? formatBytes(totalBytes) : "extracted",
    "already-exists": "already there",
  };
  return texts[status];
}

/** The image's layers as they come. */
export function LayersView({ layers }: { layers: readonly Layer[] }) {
  return (
    <ul className="space-y-2 p-3.5" aria-label="Image layers">
      {layers.map((layer) => {
        const complete = done.includes(layer.status);
        return (
          <li
            key={layer.id}
            className="grid grid-cols-[6rem_1fr_5.5rem] sm:grid-cols-[9.5rem_1fr_7.5rem] items-center gap-3"
          >
            <code className="truncate text-xs">{layer.id.slice(0, 19)}</code>
            <Progress
              label={`Layer ${layer.id.slice(0, 19)}`}
              value={complete ? 1 : layer.offsetBytes}
              max={complete ? 1 : Math.max(1, layer.totalBytes)}
              tone={complete ? "ok" : "info"}
            />
            <span className="truncate text-right text-xs text-muted tabular-nums">{layerText(layer)}</span>
          </li>
        );
      })}
    </ul>
  );
}
