"use client";

import { Pause, Play, RotateCcw } from "lucide-react";
import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { useRoleRefusal } from "@/components/operation/role-context";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { RunSummary } from "@/lib/upgrades/schema";

/** What can be asked of a run in its present state. A node that fell back to its old image is never tried again. */
export function RunControls({ run }: { run: RunSummary }) {
  const refusal = useRoleRefusal("operator");
  const [cancelling, setCancelling] = useState(false);
  const input = { runId: run.id };
  const pause = useOperation("upgrade.pause", {
    errors: "toast",
    done: () => ({ title: "The run pauses after the node it is working on" }),
  });
  const resume = useOperation("upgrade.resume", { errors: "toast", done: () => ({ title: "The run goes on" }) });
  const retry = useOperation("upgrade.retry", {
    errors: "toast",
    done: () => ({ title: "The failed nodes are tried again" }),
  });
  const cancel = useOperation("upgrade.cancel", {
    done: () => ({ title: "The run ends after the node it is working on" }),
    onDone: () => setCancelling(false),
  });
  const title = refusal ?? undefined;
  const disabled = refusal !== null;
  const open =
    run.requested !== "cancel" &&
    (run.state === "running" || run.state === "paused" || run.state === "halted" || run.state === "planned");
  return (
    <>
      {run.state === "running" && run.requested === null && (
        <Button disabled={disabled} title={title} pending={pause.pending} onClick={() => void pause.run(input)}>
          <Pause aria-hidden /> Pause after this node
        </Button>
      )}
      {(run.state === "paused" || (run.state === "running" && run.requested === "pause")) && (
        <Button
          variant="primary"
          disabled={disabled}
          title={title}
          pending={resume.pending}
          onClick={() => void resume.run(input)}
        >
          <Play aria-hidden /> {run.state === "paused" ? "Resume" : "Go on without a pause"}
        </Button>
      )}
      {run.state === "halted" && run.nodes.some(({ state }) => state === "failed") && (
        <Button disabled={disabled} title={title} pending={retry.pending} onClick={() => void retry.run(input)}>
          <RotateCcw aria-hidden /> Try the failed nodes again
        </Button>
      )}
      {open && (
        <Button disabled={disabled} title={title} onClick={() => setCancelling(true)}>
          Cancel…
        </Button>
      )}
      <ConfirmDialog
        open={cancelling}
        onOpenChange={setCancelling}
        title="Cancel this run?"
        consequence="The node that is being worked on is finished first, so that none is left half-way. Nodes that were not begun stay as they are."
        commands={[]}
        confirmLabel="Cancel the run"
        cancelLabel="Keep it"
        pending={cancel.pending}
        onConfirm={() => void cancel.run(input)}
        error={<OperationError error={cancel.error} />}
      />
    </>
  );
}
