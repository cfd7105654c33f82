"use client";

import { fieldError } from "@/components/operation/field-errors";
import { GatedButton } from "@/components/operation/gated-button";
import type { OperationFailure } from "@/components/operation/use-operation";
import { Panel } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/checkbox";
import type { NodeView } from "@/lib/inventory/schema";
import { PatchField } from "./patch-field";

export type ConfigDraft = { patch: string; withIntent: boolean; staged: "keep" | "drop" };

type Props = {
  node: NodeView;
  draft: ConfigDraft;
  onChange: (draft: ConfigDraft) => void;
  refusal: string | null;
  pending: boolean;
  error: OperationFailure | null;
  onPreview: () => void;
};

const intentText = ({ intent }: NodeView): string => {
  const parts = [
    intent.profileNames.length > 0 && `the profile ${intent.profileNames.join(" and ")}`,
    intent.installImage !== null && "the recorded installer image",
  ].filter(Boolean);
  return parts.length === 0 ? "Nothing is recorded for this node." : `What ${parts.join(" and ")} ask for.`;
};

/** What to change in a node's config. */
export function ChangeForm({ node, draft, onChange, refusal, pending, error, onPreview }: Props) {
  return (
    <Panel title="Change">
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (refusal === null) onPreview();
        }}
      >
        <label className="flex items-start gap-1.5">
          <Checkbox
            checked={draft.withIntent}
            onChange={(event) => onChange({ ...draft, withIntent: event.target.checked })}
          />
          <span className="pt-0.5">
            With what is recorded
            <span className="block text-xs text-muted">{intentText(node)}</span>
          </span>
        </label>
        {node.config.state === "known" && node.config.staged && (
          <label className="flex items-start gap-1.5">
            <Checkbox
              checked={draft.staged === "drop"}
              onChange={(event) => onChange({ ...draft, staged: event.target.checked ? "drop" : "keep" })}
            />
            <span className="pt-0.5">
              Drop the staged change
              <span className="block text-xs text-muted">
                Otherwise this change goes on top of what waits for the next boot.
              </span>
            </span>
          </label>
        )}
        <PatchField
          value={draft.patch}
          onChange={(patch) => onChange({ ...draft, patch })}
          error={fieldError(error, "patches")}
        />
        <GatedButton type="submit" reason={refusal} pending={pending}>
          Preview
        </GatedButton>
      </form>
    </Panel>
  );
}
