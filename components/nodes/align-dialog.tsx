"use client";

import { OperationError } from "@/components/operation/operation-error";
import { useOperation } from "@/components/operation/use-operation";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";

type Props = { node: NodeView; way: "record" | "node"; onClose: () => void };

function configSentence({ config, intent }: NodeView): string {
  const from =
    config.state === "known" && config.installImage !== null ? `${config.installImage} becomes ` : "It gets ";
  return `Only the install image in its config changes, without a restart: ${from}${intent.installImage ?? ""}.`;
}

/** Brings what is recorded and what a node has together: one way, or the other. */
export function AlignDialog({ node, way, onClose }: Props) {
  const upgrade = node.runningSchematicId !== null && node.runningSchematicId !== node.intent.schematicId;
  const record = useOperation("node.record-running", {
    done: ({ name, profileIds }) => ({
      title: `What ${name} runs is recorded`,
      description:
        profileIds.length > 0 ? `As the profile ${profileIds.join(" and ")}.` : "No profile covers it exactly.",
    }),
    onDone: onClose,
  });
  const apply = useOperation("node.apply-recorded-image", {
    done: ({ name, proof, upgradeNeeded }) => ({
      title:
        proof === "proven"
          ? `${name} installs the recorded image`
          : `${name} was given the recorded image; it could not be read back yet`,
      ...(upgradeNeeded && {
        description: "It still runs another schematic: an upgrade installs the recorded one.",
        href: paths.planUpgrade([node.id]),
        linkLabel: "Plan the upgrade",
      }),
    }),
    onDone: onClose,
  });
  if (way === "record")
    return (
      <ConfirmDialog
        open
        onOpenChange={(open) => !open && onClose()}
        title={`Record what ${node.name} runs?`}
        consequence={`Schematic ${node.runningSchematicId?.slice(0, 12) ?? ""}… becomes the recorded one, with the profile that covers it exactly, if there is one. Nothing is sent to the node.`}
        commands={[]}
        confirmLabel="Record"
        pending={record.pending}
        error={<OperationError error={record.error} />}
        onConfirm={() => void record.run({ nodeId: node.id })}
      />
    );
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Make ${node.name} as it is recorded?`}
      consequence={`${configSentence(node)}${upgrade ? " It runs another schematic than the recorded one: an upgrade, planned afterwards, installs that." : ""}`}
      commands={[]}
      confirmLabel="Apply the recorded image"
      pending={apply.pending}
      error={<OperationError error={apply.error} />}
      onConfirm={() => void apply.run({ nodeId: node.id })}
    />
  );
}
