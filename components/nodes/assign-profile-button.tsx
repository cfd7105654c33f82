"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";
import { AssignmentPreview, type Preview } from "./assignment-preview";

/** Shows what a profile would change and records it as a node's intent. The node itself changes with its next upgrade, to which the toast leads. */
export function AssignProfileButton({ node, profileId }: { node: NodeView; profileId: string }) {
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState<Preview | null>(null);
  const router = useRouter();
  const choice = { nodeIds: [node.id], profileIds: [profileId] };
  const preview = useOperation("gpu-profile.preview-assign", {
    onDone: ({ previews }) => setShown(previews[0] ?? null),
  });
  const assign = useOperation("gpu-profile.assign", {
    done: () => ({
      title: `${profileId} assigned to ${node.name}`,
      description:
        "The node takes it up with its config, where the driver needs that, and an upgrade into the new schematic.",
      href: paths.node(node.id, "change"),
      linkLabel: "Continue…",
    }),
    onDone: () => {
      setOpen(false);
      // The page has the texts of schematics from the server.
      router.refresh();
    },
  });
  const begin = () => {
    assign.reset();
    setShown(null);
    setOpen(true);
    void preview.run(choice);
  };
  const error = assign.error ?? preview.error;
  return (
    <>
      <Button variant="primary" onClick={begin}>
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
        // No line for a shell: the upgrade may have to wait for the config.
        commands={[]}
        confirmLabel="Assign"
        pending={assign.pending}
        ready={shown !== null}
        error={<OperationError error={error} />}
        onConfirm={() => void assign.run(choice)}
      >
        {preview.error === null && <AssignmentPreview preview={shown} />}
      </ConfirmDialog>
    </>
  );
}
