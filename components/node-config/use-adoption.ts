"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useOperation } from "@/components/operation/use-operation";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";
import type { AdoptDraft, Adoption } from "./adopt-draft";
import type { Answered } from "./node-answer";
import type { ShownPlan } from "./plan-words";
import { isNewProfile } from "./profile-choice";

export type PreviewedAdoption = { plan: ShownPlan; adoption: Adoption; draft: AdoptDraft };

/** The steps of an adoption: record the profile, preview, have the machine judge, adopt. */
export function useAdoption(node: NodeView) {
  const router = useRouter();
  const [shown, setShown] = useState<PreviewedAdoption | null>(null);
  const [answered, setAnswered] = useState<Answered | null>(null);
  const [notes, setNotes] = useState<readonly string[]>([]);
  const assign = useOperation("gpu-profile.assign");
  const preview = useOperation("machine.preview-adoption");
  const dryRun = useOperation("machine.adopt");
  const adopt = useOperation("machine.adopt", {
    done: ({ name, warnings }) => ({
      title: `${name} has its config`,
      description: ["Talos installs itself and joins; the node's page shows each step.", ...warnings].join(" "),
      href: paths.node(node.id),
      linkLabel: "View node",
    }),
    onDone: () => router.push(paths.node(node.id)),
  });

  const show = async (draft: AdoptDraft, adoption: Adoption) => {
    setAnswered(null);
    preview.reset();
    assign.reset();
    if (isNewProfile(node, draft.profileId)) {
      const recorded = await assign.run({ nodeIds: [node.id], profileIds: [draft.profileId] });
      if (!recorded.ok) return;
      setNotes(recorded.data.assigned.flatMap(({ warnings }) => warnings));
    }
    const result = await preview.run(adoption);
    if (result.ok) setShown({ plan: result.data, adoption, draft });
  };
  const judge = async ({ plan, adoption }: PreviewedAdoption, fingerprint: string) => {
    const result = await dryRun.run({ ...adoption, hash: plan.hash, fingerprint, dryRun: true });
    if (!result.ok) return;
    setAnswered({ kind: "dry-run", name: adoption.hostname, asked: "auto", answer: result.data });
  };
  return {
    shown,
    answered,
    notes,
    show,
    judge,
    adopt,
    error: assign.error ?? preview.error,
    dryRunError: dryRun.error,
    previewing: assign.pending || preview.pending,
    judging: dryRun.pending,
  };
}
