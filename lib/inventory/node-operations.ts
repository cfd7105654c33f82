import "server-only";
import { defineOperation } from "@/lib/operation/define-operation";
import { rebootNode, resetNode, restartService, rollbackNode, shutdownNode } from "./node-commands";
import { nodeTargetOf } from "./node-target";
import {
  assignInput,
  assignOutput,
  previewAssignOutput,
  rebootInput,
  requested,
  resetInput,
  restartServiceInput,
  rollbackInput,
  shutdownInput,
} from "./operation-schema";
import { assignProfiles, previewAssignment } from "./profile-commands";

/** The audit target of what names a node. */
export const nodeTarget = ({ nodeId: id }: { nodeId: string }) => nodeTargetOf(id);

/** That the cluster's name was typed belongs into the log; what it overrode is told by an entry of its own. */
export const overridden = (confirmCluster: string | undefined) =>
  confirmCluster === undefined ? {} : { confirmedCluster: true };

export const nodeReboot = defineOperation({
  name: "node.reboot",
  role: "operator",
  kind: "change",
  summary: "Reboots a node, without draining it.",
  input: rebootInput,
  output: requested,
  target: nodeTarget,
  auditDetail: ({ mode, confirmCluster }) => ({ mode, ...overridden(confirmCluster) }),
  run: rebootNode,
});

export const nodeShutdown = defineOperation({
  name: "node.shutdown",
  role: "operator",
  kind: "change",
  summary: "Switches a node off.",
  input: shutdownInput,
  output: requested,
  target: nodeTarget,
  auditDetail: ({ force, confirmCluster }) => ({ force, ...overridden(confirmCluster) }),
  run: shutdownNode,
});

export const nodeReset = defineOperation({
  name: "node.reset",
  role: "admin",
  kind: "change",
  sensitive: "machines",
  summary: "Wipes a node: its config and its data are lost.",
  input: resetInput,
  output: requested,
  target: nodeTarget,
  auditDetail: ({ graceful, reboot, mode, confirmCluster }) => ({
    ...{ graceful, reboot, mode },
    ...overridden(confirmCluster),
  }),
  run: resetNode,
});

export const nodeRollback = defineOperation({
  name: "node.rollback",
  role: "admin",
  kind: "change",
  summary: "Boots the system from before the last upgrade.",
  input: rollbackInput,
  output: requested,
  target: nodeTarget,
  auditDetail: ({ confirmCluster }) => overridden(confirmCluster),
  run: rollbackNode,
});

export const serviceRestart = defineOperation({
  name: "service.restart",
  role: "operator",
  kind: "change",
  summary: "Restarts one Talos service of a node.",
  input: restartServiceInput,
  output: requested,
  target: nodeTarget,
  auditDetail: ({ service, confirmCluster }) => ({ service, ...overridden(confirmCluster) }),
  run: restartService,
});

export const gpuProfilePreviewAssign = defineOperation({
  name: "gpu-profile.preview-assign",
  role: "operator",
  kind: "compute",
  unaudited: "It compares schematics; the assignment is audited.",
  cost: "expensive",
  summary:
    "What assigning GPU profiles to nodes would record: schematics before and after, image, modules. Stores nothing.",
  input: assignInput,
  output: previewAssignOutput,
  run: previewAssignment,
});

export const gpuProfileAssign = defineOperation({
  name: "gpu-profile.assign",
  role: "operator",
  kind: "change",
  summary: "Records GPU profiles as the intent of nodes: schematic and installer image. Changes nothing on the nodes.",
  input: assignInput,
  output: assignOutput,
  target: ({ nodeIds }) =>
    nodeIds.length === 1 && nodeIds[0] !== undefined ? nodeTarget({ nodeId: nodeIds[0] }) : null,
  auditDetail: ({ nodeIds, profileIds }) => ({ nodeIds, profileIds }),
  run: assignProfiles,
});
