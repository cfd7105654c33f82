"use client";

import { use, useState } from "react";
import { useClusters } from "@/components/live/use-live";
import { isShownByField } from "@/components/operation/field-errors";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { type OperationOutcome, useOperation } from "@/components/operation/use-operation";
import { StagedNotice } from "@/components/nodes/staged-notice";
import { useThisNode } from "@/components/nodes/this-node";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { SkeletonLines } from "@/components/ui/skeleton";
import { nodeCan } from "@/lib/inventory/capabilities";
import { ApplyPanel } from "./apply-panel";
import { ChangeForm, type ConfigDraft } from "./change-form";
import { DownloadConfig } from "./download-config";
import { patchesOf } from "./patch-field";
import { ChangePanel, ConfigPanel } from "./plan-panels";
import type { ShownPlan } from "./plan-words";

/** The first preview, made by the server; null where it was not asked for, since it may not be. */
export type FirstPreview = Promise<OperationOutcome<ShownPlan> | null>;

const noPatch: ConfigDraft = { patch: "", withIntent: true, staged: "keep" };
const same = (one: ConfigDraft, other: ConfigDraft) =>
  one.patch.trim() === other.patch.trim() && one.withIntent === other.withIntent && one.staged === other.staged;

/** The config of a node that has one: what runs, what would change, and applying that. */
export function ConfigChange({ first }: { first: FirstPreview }) {
  const node = useThisNode();
  const initial = use(first);
  const [draft, setDraft] = useState(noPatch);
  const [shown, setShown] = useState(initial?.ok ? { plan: initial.data, draft: noPatch } : null);
  const [asked, setAsked] = useState(false);
  const { clusters, loaded } = useClusters();
  const role = useRoleRefusal("operator");
  const can = nodeCan.previewConfig(node, clusters.find(({ id }) => id === node.clusterId) ?? null);
  // Until the clusters have arrived it is not known what is held for this one; the server checks in any case.
  const refusal = role ?? (can.ok || !loaded ? null : can.reason);
  const preview = useOperation("node.preview-config");

  const show = async (next: ConfigDraft) => {
    setAsked(true);
    const result = await preview.run({
      nodeId: node.id,
      patches: patchesOf(next.patch),
      withIntent: next.withIntent,
      staged: next.staged,
    });
    if (result.ok) setShown({ plan: result.data, draft: next });
  };
  const firstError = !asked && initial && !initial.ok ? initial.error : null;
  const current = shown && same(shown.draft, draft) && !preview.pending ? shown : null;
  const change = current && {
    patches: patchesOf(current.draft.patch),
    withIntent: current.draft.withIntent,
    staged: current.draft.staged,
  };
  return (
    <div className="grid items-start gap-3.5 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
      <div className="min-w-0 space-y-3.5">
        <StagedNotice node={node} link={false} />
        <ChangeForm
          node={node}
          draft={draft}
          onChange={setDraft}
          refusal={refusal}
          pending={preview.pending}
          error={preview.error}
          onPreview={() => void show(draft)}
        />
        <ApplyPanel
          node={node}
          shown={current && change && { plan: current.plan, change }}
          onApplied={(proof) => {
            setDraft(noPatch);
            // Only a config that was read back is there to compare with; the others are still on their way.
            if (proof === "proven") void show(noPatch);
            else setShown(null);
          }}
        />
      </div>
      <div className="min-w-0 space-y-3.5">
        {!isShownByField(preview.error, ["patches"]) && <OperationError error={preview.error ?? firstError} />}
        {refusal !== null && <Notice tone="info">{refusal}</Notice>}
        {preview.pending && !shown && (
          <Card className="p-3.5">
            <SkeletonLines lines={6} label="Reading the config from the node" />
          </Card>
        )}
        {!shown && !preview.pending && refusal === null && !preview.error && !firstError && (
          <Notice tone="info">Preview to read the config from the node and see what would change.</Notice>
        )}
        {shown && (
          <>
            {!current && !preview.pending && (
              <Notice tone="info">The change was edited since this preview: preview it again.</Notice>
            )}
            <ChangePanel
              plan={shown.plan}
              title="What would change"
              unchanged="Nothing would change: the node runs what is asked for."
            />
            <ConfigPanel
              title="Running config"
              text={shown.plan.before}
              aside={
                <>
                  <span className="hidden text-xs sm:inline">secrets as stars</span>
                  <DownloadConfig node={node} refusal={refusal} />
                </>
              }
            />
          </>
        )}
      </div>
    </div>
  );
}
