"use client";

import { DiffView } from "@/components/ui/diff-view";
import { Notice } from "@/components/ui/notice";
import { SkeletonLines } from "@/components/ui/skeleton";
import type { OutputOf } from "@/lib/api/operations";
import { listWords } from "@/lib/core/units";

export type Preview = OutputOf<"gpu-profile.preview-assign">["previews"][number];

/** What an assignment would record: the schematic as a diff, and in a sentence what the machine config gets besides. */
export function AssignmentPreview({ preview }: { preview: Preview | null }) {
  if (!preview) return <SkeletonLines lines={5} label="Composing the schematic" />;
  const { running, schematic, kernelModules, sysctls, warnings } = preview;
  const settings = Object.entries(sysctls).map(([name, value]) => `${name}=${value}`);
  return (
    <div className="space-y-3">
      <figure className="rounded-md border">
        <figcaption className="flex flex-wrap justify-between gap-x-4 border-b px-3.5 py-2">
          <span className="font-medium">Schematic</span>
          <span className="font-mono text-xs leading-5 text-muted">
            {running ? `${running.id.slice(0, 8)}…` : "none"} → {schematic.id.slice(0, 8)}…
          </span>
        </figcaption>
        {running?.id === schematic.id ? (
          <p className="px-3.5 py-2.5 text-muted">The node runs this schematic already.</p>
        ) : (
          <DiffView
            before={running?.text ?? ""}
            after={schematic.text}
            label="Difference between the running schematic and the new one"
            className="max-h-64"
          />
        )}
      </figure>
      {(kernelModules.length > 0 || settings.length > 0) && (
        <p className="text-xs text-muted">
          Its machine config names{" "}
          {listWords([
            ...(kernelModules.length > 0 ? [`the kernel modules ${kernelModules.join(", ")}`] : []),
            ...(settings.length > 0 ? [`the sysctls ${settings.join(", ")}`] : []),
          ])}
          ; the Config tab shows and applies that.
        </p>
      )}
      {warnings.map((warning) => (
        <Notice key={warning} tone="warn" title={warning} />
      ))}
    </div>
  );
}
