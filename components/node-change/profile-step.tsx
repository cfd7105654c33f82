"use client";

import { useEffect, useState } from "react";
import { AssignmentPreview } from "@/components/nodes/assignment-preview";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Checkbox } from "@/components/ui/checkbox";
import { Notice } from "@/components/ui/notice";
import type { OutputOf } from "@/lib/api/operations";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeView } from "@/lib/inventory/schema";
import { firstChoice, fittingProfiles, type ProfileChoice } from "./profile-choices";

type Preview = OutputOf<"gpu-profile.preview-assign">["previews"][number];

/** Choose the profiles of a node's cards, see the image that comes of it, and record it. The node itself is not touched. */
export function ProfileStep({
  node,
  profiles,
  onDone,
}: {
  node: NodeView;
  profiles: readonly ProfileChoice[];
  onDone: () => void;
}) {
  const [chosen, setChosen] = useState<readonly string[]>(() => firstChoice(node));
  const [shown, setShown] = useState<{ preview: Preview; of: string } | null>(null);
  const preview = useOperation("gpu-profile.preview-assign");
  const assign = useOperation("gpu-profile.assign", { onDone });
  const { run: show } = preview;
  const { reset: forgetError } = assign;
  const key = chosen.join(" ");
  const nodeId = node.id;
  useEffect(() => {
    forgetError();
    if (key === "") return;
    let current = true;
    void show({ nodeIds: [nodeId], profileIds: key.split(" ") }).then((outcome) => {
      const made = outcome.ok ? outcome.data.previews[0] : undefined;
      if (current && made) setShown({ preview: made, of: key });
    });
    return () => {
      current = false;
    };
  }, [key, nodeId, show, forgetError]);
  const can = nodeCan.assignProfile(node, null);
  const fresh = shown?.of === key ? shown.preview : null;
  const reason = !can.ok
    ? can.reason
    : key === ""
      ? "Choose a profile."
      : fresh
        ? null
        : "The image is not composed yet.";
  const tick = (id: string, on: boolean) => setChosen(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <>
      <fieldset>
        <legend className="mb-1 font-medium">Which profiles drive its cards?</legend>
        <div className="grid gap-1 sm:grid-cols-2">
          {fittingProfiles(node, profiles, chosen).map(({ id, name }) => (
            <label key={id} className="flex min-h-6 items-center gap-1.5">
              <Checkbox checked={chosen.includes(id)} onChange={(event) => tick(id, event.target.checked)} />
              {name}
              {node.suggestion?.profileIds.includes(id) && <span className="text-xs text-muted">suggested</span>}
            </label>
          ))}
        </div>
        {node.suggestion && <p className="mt-1.5 text-xs text-muted">{node.suggestion.reason}</p>}
      </fieldset>
      <OperationError error={assign.error ?? (key === "" ? null : preview.error)} />
      {key !== "" && preview.error === null && <AssignmentPreview preview={fresh} />}
      {key === "" && <Notice tone="info">A node may have one profile per vendor of its cards.</Notice>}
      <div className="flex flex-wrap items-center gap-3">
        <GatedButton
          variant="primary"
          reason={reason}
          pending={assign.pending}
          onClick={() => void assign.run({ nodeIds: [node.id], profileIds: [...chosen] })}
        >
          Assign
        </GatedButton>
        <p className="min-w-0 flex-1 basis-56 text-xs text-muted">
          Records the profile, registers the schematic and records its installer image. Nothing changes on the node.
        </p>
      </div>
    </>
  );
}
