"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { GpuWhy } from "@/components/nodes/gpu-why";
import { worstProof } from "@/components/nodes/node-gpus";
import { useThisNode } from "@/components/nodes/this-node";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { SkeletonLines } from "@/components/ui/skeleton";
import { paths } from "@/lib/core/paths";
import type { ChangeStep } from "@/lib/upgrades/change/schema";
import { changeSteps } from "@/lib/upgrades/change/steps";
import { ConfigStep } from "./config-step";
import type { ProfileChoice } from "./profile-choices";
import { ProfileStep } from "./profile-step";
import { StepCard } from "./step-card";
import { RunningStep, UpgradeStep } from "./upgrade-step";
import { type Change, useChange } from "./use-change";

const unread = { config: { state: "unread" }, plan: null } as const;

/** The way from a profile to GPUs that are proven, as one page: it stands where the node stands. */
export function ChangeTab({ profiles }: { profiles: readonly ProfileChoice[] }) {
  const node = useThisNode();
  const router = useRouter();
  const refusal = useRoleRefusal("operator");
  const { change, pending, error, again } = useChange(node, refusal === null);
  const [otherProfile, setOtherProfile] = useState(false);
  const done = () => {
    setOtherProfile(false);
    router.refresh();
    again();
  };
  const steps = change?.steps ?? changeSteps({ node, ...unread });
  const bodyOf = (step: ChangeStep, at: Change) => {
    if (step.state === "working" && node.runId !== null) return <RunningStep node={node} runId={node.runId} />;
    if (step.id === "profile" && (step.state === "current" || otherProfile))
      return <ProfileStep node={node} profiles={profiles} onDone={done} />;
    if (step.id === "config" && at.config && (step.state === "current" || step.state === "refused"))
      return <ConfigStep node={node} config={at.config} onDone={done} />;
    if (step.id === "upgrade" && (step.state === "current" || step.state === "refused"))
      return <UpgradeStep node={node} change={at} onStale={again} />;
    if (step.id === "proof" && (step.state === "current" || step.state === "done"))
      return node.gpus.length > 0 && <GpuWhy node={node} proof={worstProof(node.proofs)} here />;
    return null;
  };
  return (
    <div className="space-y-3.5">
      {node.attention
        .filter(({ kind }) => kind === "rolled-back")
        .map(({ sentence, detail }) => (
          <Notice
            key={sentence}
            tone="bad"
            title={sentence}
            action={<ButtonLink href={paths.node(node.id, "upgrades")}>Its upgrades</ButtonLink>}
          >
            {detail}
          </Notice>
        ))}
      {refusal !== null && <Notice tone="info">{refusal}</Notice>}
      <OperationError error={error} />
      {refusal === null && !change && !error ? (
        <Card className="p-3.5">
          <SkeletonLines lines={6} label="Reading where the node stands" />
        </Card>
      ) : (
        <ol aria-label={`Change of ${node.name}`} aria-busy={pending} className="space-y-3.5">
          {steps.map((step, index) => (
            <StepCard key={step.id} step={step} number={index + 1}>
              {change && bodyOf(step, change)}
            </StepCard>
          ))}
        </ol>
      )}
      {refusal === null && (
        <div className="flex flex-wrap gap-2">
          {node.gpus.length > 0 && node.runId === null && !otherProfile && node.assignment.length === 0 && (
            <Button onClick={() => setOtherProfile(true)}>Choose another profile</Button>
          )}
          <Button pending={pending} onClick={again}>
            Read again
          </Button>
        </div>
      )}
    </div>
  );
}
