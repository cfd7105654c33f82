"use client";

import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Notice } from "@/components/ui/notice";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";

/** Records a profile as a node's intent. The node itself changes with its next upgrade, to which the toast leads. */
export function AssignProfileButton({ node, profileId }: { node: NodeView; profileId: string }) {
  const [open, setOpen] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const assign = useOperation("gpu-profile.assign", {
    done: ({ assigned }) =>
      assigned.length === 0
        ? null
        : {
            title: `${profileId} assigned to ${node.name}`,
            description: "The node takes it up with an upgrade into the new schematic.",
            href: paths.planUpgrade([node.id]),
            linkLabel: "Upgrade…",
          },
    onDone: ({ assigned, refused: refusals }) => {
      if (assigned.length > 0) setOpen(false);
      setRefused(refusals[0]?.reason ?? null);
    },
  });
  return (
    <>
      <Button
        variant="primary"
        onClick={() => {
          assign.reset();
          setRefused(null);
          setOpen(true);
        }}
      >
        Review the change…
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Assign ${profileId} to ${node.name}?`}
        consequence={
          <>
            <p>
              Records the profile, a schematic with its extensions, and the installer image of it. Nothing changes on
              the node until its next upgrade, which reboots it.
            </p>
            {node.suggestion?.profileId === profileId && <p className="mt-2">{node.suggestion.reason}</p>}
          </>
        }
        commands={[]}
        confirmLabel="Assign"
        pending={assign.pending}
        error={
          refused === null ? (
            <OperationError error={assign.error} />
          ) : (
            <Notice tone="bad" live title="The profile was refused">
              {refused}
            </Notice>
          )
        }
        onConfirm={() => void assign.run({ nodeIds: [node.id], profileIds: [profileId] })}
      />
    </>
  );
}
