"use client";

import { useState } from "react";
import { useClusters } from "@/components/live/use-live";
import { hostOf } from "@/components/nodes/node-gpus";
import { useThisNode } from "@/components/nodes/this-node";
import { isShownByField } from "@/components/operation/field-errors";
import { GatedButton } from "@/components/operation/gated-button";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { paths } from "@/lib/core/paths";
import { nodeCan } from "@/lib/inventory/capabilities";
import { AdoptDialog } from "./adopt-dialog";
import { type AdoptDraft, adoptionOf, installDisks, openClusters } from "./adopt-draft";
import { adoptFields, AdoptForm } from "./adopt-form";
import { Fingerprint } from "./fingerprint";
import { NodeAnswerView } from "./node-answer";
import { ChangePanel, ConfigPanel } from "./plan-panels";
import { firstProfile, type ProfileOption } from "./profile-choice";
import { useAdoption } from "./use-adoption";

/** Gives a machine in maintenance mode its first config, in four steps: choose, preview, confirm its certificate, adopt. */
export function AdoptMachine({ profiles }: { profiles: readonly ProfileOption[] }) {
  const node = useThisNode();
  const { clusters, loaded } = useClusters();
  const [changes, setChanges] = useState<Partial<AdoptDraft>>({});
  const [confirmedFor, setConfirmedFor] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const admin = useRoleRefusal("admin");
  const adoption = useAdoption(node);

  const open = openClusters(clusters);
  const disks = installDisks(node);
  const draft: AdoptDraft = {
    clusterId: (open.length === 1 && open[0]?.id) || "",
    role: null,
    hostname: node.intent.hostname ?? (node.name === hostOf(node.address) ? "" : node.name),
    installDisk: (disks.length === 1 && disks[0]?.devPath) || "",
    profileId: firstProfile(node),
    patch: "",
    ...changes,
  };
  const cluster = clusters.find(({ id }) => id === draft.clusterId) ?? null;
  const wanted = adoptionOf(node, draft, cluster);
  const can = nodeCan.adopt(node, null);
  const refusal = admin ?? (can.ok ? null : can.reason);
  const { shown } = adoption;
  const current =
    shown &&
    wanted.ok &&
    shown.draft.profileId === draft.profileId &&
    JSON.stringify(shown.adoption) === JSON.stringify(wanted.adoption)
      ? shown
      : null;
  const fingerprint = node.maintenanceFingerprint;
  const confirmed = fingerprint !== null && confirmedFor === fingerprint;
  const wrong = current?.plan.issues.some(({ severity }) => severity === "error") ?? false;
  const noSend =
    refusal ??
    (current ? null : "Preview the config first.") ??
    (confirmed ? null : "Compare the fingerprint first.") ??
    (wrong ? "Talos would not take this config." : null);
  return (
    <div className="grid items-start gap-3.5 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
      <div className="min-w-0 space-y-3.5">
        <Panel title="Adopt this machine">
          <form
            className="space-y-3"
            onSubmit={(event) => {
              event.preventDefault();
              if (refusal === null && wanted.ok) void adoption.show(draft, wanted.adoption);
            }}
          >
            {loaded && open.length === 0 && (
              <Notice
                tone="warn"
                title="There is no cluster that it could join"
                action={
                  <ButtonLink size="sm" href={paths.clusters()}>
                    Clusters
                  </ButtonLink>
                }
              >
                Create a cluster, or import the secrets of one.
              </Notice>
            )}
            <AdoptForm
              node={node}
              clusters={clusters}
              profiles={profiles}
              draft={draft}
              onChange={(part) => setChanges({ ...changes, ...part })}
              error={adoption.error}
            />
            {!isShownByField(adoption.error, adoptFields) && <OperationError error={adoption.error} />}
            <GatedButton
              type="submit"
              reason={refusal ?? (wanted.ok ? null : wanted.missing)}
              pending={adoption.previewing}
            >
              Preview config
            </GatedButton>
            <p className="text-xs text-muted">
              {refusal ??
                (wanted.ok
                  ? "Records the profile and makes the config. Nothing is sent to the machine."
                  : wanted.missing)}
            </p>
          </form>
        </Panel>
        <Panel title="Certificate of the machine">
          <Fingerprint
            fingerprint={fingerprint}
            confirmed={confirmed}
            onConfirm={(yes) => setConfirmedFor(yes ? fingerprint : null)}
          />
        </Panel>
      </div>
      <div className="min-w-0 space-y-3.5">
        <Panel title="Adopt">
          <div className="space-y-3">
            <div className="flex flex-wrap gap-2">
              <GatedButton
                reason={noSend}
                pending={adoption.judging}
                onClick={() => current && fingerprint !== null && void adoption.judge(current, fingerprint)}
              >
                Dry run on the machine
              </GatedButton>
              <GatedButton
                variant="primary"
                reason={noSend}
                onClick={() => {
                  adoption.adopt.reset();
                  setAsking(true);
                }}
              >
                Adopt…
              </GatedButton>
            </div>
            {noSend !== null && <p className="text-xs text-muted">{noSend}</p>}
            <OperationError error={adoption.dryRunError} />
            {adoption.answered && current && <NodeAnswerView answered={adoption.answered} />}
            {adoption.notes.map((note) => (
              <Notice key={note} tone="warn">
                {note}
              </Notice>
            ))}
          </div>
        </Panel>
        {shown && (
          <>
            {!current && <Notice tone="info">The choices were edited since this preview: preview it again.</Notice>}
            <ChangePanel
              plan={shown.plan}
              title="What profile and patch add"
              unchanged="Neither profile nor patch changes the config that is made for this cluster and role."
            />
            <ConfigPanel
              title="First config"
              text={shown.plan.after}
              aside={<span className="text-xs">secrets as stars</span>}
            />
          </>
        )}
      </div>
      {asking && current && fingerprint !== null && cluster && (
        <AdoptDialog
          node={node}
          cluster={cluster}
          previewed={current}
          fingerprint={fingerprint}
          adopt={adoption.adopt}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}
