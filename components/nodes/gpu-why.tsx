"use client";

import { ArrowUpCircle } from "lucide-react";
import { useRoleRefusal } from "@/components/operation/role-context";
import { ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { StatusMark } from "@/components/ui/status";
import type { Tone } from "@/components/ui/tone";
import { paths } from "@/lib/core/paths";
import type { GpuProof } from "@/lib/gpu/schema";
import type { NodeView } from "@/lib/inventory/schema";
import { remedySentence } from "./remedy-sentence";
import { AssignProfileButton } from "./assign-profile-button";

const headings: Record<GpuProof["state"], { tone: Tone; title: string }> = {
  broken: { tone: "bad", title: "Why it does not work" },
  "no-profile": { tone: "warn", title: "It needs a profile" },
  unproven: { tone: "warn", title: "Not everything is proven" },
  working: { tone: "ok", title: "Proven to work" },
};

function Remedy({ node, proof }: { node: NodeView; proof: GpuProof }) {
  const refusal = useRoleRefusal("operator");
  const { remedy } = proof;
  if (!remedy) return null;
  const { action } = remedy;
  const sentence = remedySentence(remedy.sentence);
  const title = {
    "assign-profile": action.kind === "assign-profile" ? `Assign ${action.profileId}` : "",
    upgrade: "Upgrade into the recorded schematic",
    "apply-config": "Apply the recorded config",
    "install-add-on": action.kind === "install-add-on" ? `Install ${action.addOn} in the cluster` : "",
    none: "What to do",
  }[action.kind];
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-line-strong bg-raised px-3.5 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">{title}</p>
        <p className="text-xs text-muted">{refusal && action.kind !== "none" ? `${sentence} ${refusal}` : sentence}</p>
      </div>
      {refusal === null && action.kind === "assign-profile" && (
        <AssignProfileButton node={node} profileId={action.profileId} />
      )}
      {refusal === null && action.kind === "upgrade" && (
        <ButtonLink variant="primary" href={paths.planUpgrade([node.id])}>
          <ArrowUpCircle aria-hidden />
          Upgrade…
        </ButtonLink>
      )}
      {refusal === null && action.kind === "apply-config" && (
        <ButtonLink variant="primary" href={paths.node(node.id, "config")}>
          Review the config…
        </ButtonLink>
      )}
    </div>
  );
}

/** The first broken link in words: why, what the node itself says, and the one step that mends it. */
export function GpuWhy({ node, proof }: { node: NodeView; proof: GpuProof | null }) {
  if (!proof) return null;
  const { tone, title } = headings[proof.state];
  const unsaid = node.suggestion !== null && !proof.why?.includes(node.suggestion.reason);
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
        <Remedy node={node} proof={proof} />
        {proof.state !== "working" && node.suggestion && unsaid && proof.remedy?.action.kind === "assign-profile" && (
          <p className="text-xs text-muted">Why this profile: {node.suggestion.reason}</p>
        )}
      </div>
    </Panel>
  );
}
