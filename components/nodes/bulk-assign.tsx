"use client";

import { CircuitBoard } from "lucide-react";
import { useState } from "react";
import type { ProfileOption } from "@/components/node-config/profile-choice";
import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import { asItRuns, paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { NodeView } from "@/lib/inventory/schema";
import { firstChoice } from "./bulk-choice";

type Left = { name: string; reason: string };

function LeftOut({ title, left }: { title: string; left: readonly Left[] }) {
  if (left.length === 0) return null;
  return (
    <Notice tone="warn" title={title}>
      <ul className="max-h-40 space-y-0.5 overflow-y-auto">
        {left.map(({ name, reason }) => (
          <li key={name} className="wrap-anywhere">
            <span className="text-fg">{name}</span>: {reason}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

const mostNames = 12;
const namesOf = (nodes: readonly NodeView[]): string =>
  [
    ...nodes.slice(0, mostNames).map(({ name }) => name),
    ...(nodes.length > mostNames ? [`and ${nodes.length - mostNames} more`] : []),
  ].join(", ");

/** One GPU profile for all ticked nodes; says before which it skips, and afterwards which were refused and why. */
export function BulkAssign({ nodes, profiles }: { nodes: readonly NodeView[]; profiles: readonly ProfileOption[] }) {
  const [open, setOpen] = useState(false);
  const [profileId, setProfileId] = useState("");
  const [refused, setRefused] = useState<Left[]>([]);
  const verdicts = nodes.map((node) => ({ node, can: nodeCan.assignProfile(node, null) }));
  const ready = verdicts.flatMap(({ node, can }) => (can.ok ? [node] : []));
  const skipped = verdicts.flatMap(({ node, can }) => (can.ok ? [] : [{ name: node.name, reason: can.reason }]));
  const assign = useOperation("gpu-profile.assign", {
    done: ({ assigned }) =>
      assigned.length === 0
        ? null
        : {
            title: `${profileId} assigned to ${countOf(assigned.length, "node")}`,
            description: "Each takes it up with its next upgrade.",
            href: paths.planUpgrade(
              assigned.map(({ nodeId }) => nodeId),
              { to: asItRuns },
            ),
            linkLabel: "Upgrade…",
          },
    onDone: (outcome) => {
      setRefused(outcome.refused);
      if (outcome.refused.length === 0) setOpen(false);
    },
  });
  const begin = () => {
    assign.reset();
    setRefused([]);
    setProfileId(firstChoice(ready, profiles));
    setOpen(true);
  };
  return (
    <>
      <Button onClick={begin}>
        <CircuitBoard aria-hidden />
        Assign profile…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Assign a GPU profile to ${countOf(ready.length, "node")}`}
        description="Records the profile and makes the image. Nothing changes on a node until its next upgrade."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>{refused.length > 0 ? "Close" : "Cancel"}</Button>
            <Button
              variant="primary"
              pending={assign.pending}
              disabled={ready.length === 0 || profileId === ""}
              onClick={() => void assign.run({ nodeIds: ready.map(({ id }) => id), profileIds: [profileId] })}
            >
              Assign
            </Button>
          </>
        }
      >
        <div className="space-y-3.5">
          <Field label="GPU profile" hint={namesOf(ready)}>
            {(control) => (
              <Select
                {...control}
                options={profiles.map(({ id, name }) => ({ value: id, label: name }))}
                value={profileId}
                onChange={(event) => setProfileId(event.target.value)}
              />
            )}
          </Field>
          <LeftOut title={`${countOf(skipped.length, "node")} skipped`} left={skipped} />
          <div aria-live="polite">
            <LeftOut title={`${countOf(refused.length, "node")} refused it`} left={refused} />
          </div>
          <OperationError error={assign.error} />
        </div>
      </Dialog>
    </>
  );
}
