"use client";

import { useState } from "react";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Button, ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { StatusMark } from "@/components/ui/status";
import type { Tone } from "@/components/ui/tone";
import type { GpuProof } from "@/lib/gpu/schema";
import { isChange, remedyOfProof } from "@/lib/inventory/remedies/gpu-remedy";
import { placeOf } from "@/lib/inventory/remedies/place";
import type { Remedy } from "@/lib/inventory/remedies/schema";
import type { NodeView } from "@/lib/inventory/schema";
import { MachineActionDialog } from "./machine-action-dialog";
import { remedySentence } from "./remedy-sentence";
import { remedyTitles } from "./remedy-words";

const headings: Record<GpuProof["state"], { tone: Tone; title: string }> = {
  broken: { tone: "bad", title: "Why it does not work" },
  "no-profile": { tone: "warn", title: "It needs a profile" },
  unproven: { tone: "warn", title: "Not everything is proven" },
  working: { tone: "ok", title: "Proven to work" },
};

function RemedyBox({ node, remedy }: { node: NodeView; remedy: Remedy }) {
  const role = useRoleRefusal("operator");
  const [rebooting, setRebooting] = useState(false);
  const place = placeOf(remedy, node);
  const acts = isChange(remedy) || remedy.kind === "reboot";
  const refusal = acts ? role : null;
  const sentence = remedySentence(remedy.sentence);
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-line-strong bg-raised px-3.5 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">
          {remedy.kind === "assign-profile" ? `Assign ${remedy.profileIds.join(" and ")}` : remedyTitles[remedy.kind]}
        </p>
        <p className="text-xs text-muted">{refusal ? `${sentence} ${refusal}` : sentence}</p>
      </div>
      {refusal === null && remedy.kind === "reboot" && (
        <Button variant="primary" onClick={() => setRebooting(true)}>
          Reboot…
        </Button>
      )}
      {refusal === null && place && remedy.kind !== "reboot" && (
        <ButtonLink variant="primary" href={place.href}>
          {place.label}
        </ButtonLink>
      )}
      {rebooting && <MachineActionDialog node={node} action="reboot" onClose={() => setRebooting(false)} />}
    </div>
  );
}

/** The first broken link in words: why, what the node itself says, and the one step that mends it. `here`: it stands among the change's steps. */
export function GpuWhy({ node, proof, here = false }: { node: NodeView; proof: GpuProof | null; here?: boolean }) {
  if (!proof) return null;
  const { tone, title } = headings[proof.state];
  const unsaid = node.suggestion !== null && !proof.why?.includes(node.suggestion.reason);
  const remedy = remedyOfProof(proof, node);
  const unknown = proof.links.filter(({ state }) => state === "unknown");
  return (
    <Panel
      title={
        <>
          <StatusMark tone={tone} />
          {title}
        </>
      }
    >
      <div className="space-y-3">
        {proof.why && <p>{proof.why}</p>}
        {proof.state === "working" && (
          <p className="text-muted">Every link of the chain was read from the node itself.</p>
        )}
        {proof.state === "unproven" && (
          <p className="text-muted">
            {unknown.map((link) => `${link.title}: ${link.evidence || "the node does not say"}`).join(". ") ||
              "Some links could not be read yet."}
          </p>
        )}
        {proof.evidence.length > 0 && (
          <figure>
            <figcaption className="text-xs text-muted">The node says</figcaption>
            <pre className="mt-1 text-xs leading-5 wrap-anywhere whitespace-pre-wrap text-muted">
              {proof.evidence.join("\n")}
            </pre>
          </figure>
        )}
        {remedy && !(here && isChange(remedy)) && <RemedyBox node={node} remedy={remedy} />}
        {proof.state !== "working" && node.suggestion && unsaid && proof.remedy?.action.kind === "assign-profile" && (
          <p className="text-xs text-muted">Why this profile: {node.suggestion.reason}</p>
        )}
      </div>
    </Panel>
  );
}
