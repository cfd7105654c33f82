import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import { rebootNode, resetNode, restartService, rollbackNode, shutdownNode } from "./node-commands";
import { fleet } from "./fleet";
import {
  assignInput,
  assignOutput,
  previewAssignOutput,
  named,
  nodeId,
  rebootInput,
  resetInput,
  restartServiceInput,
  shutdownInput,
} from "./operation-schema";
import { assignProfiles, previewAssignment } from "./profile-commands";

/** The audit target with the name that the node has now, since it may be gone when the log is read. */
export const nodeTarget = ({ nodeId: id }: { nodeId: string }) => {
  const name = fleet().view(id)?.name;
  return { kind: "node" as const, id, ...(name !== undefined && { name }) };
};

export const nodeReboot = defineOperation({
  name: "node.reboot",
  role: "operator",
  kind: "change",
  summary: "Reboots a node, without draining it.",
  input: rebootInput,
  output: named,
  target: nodeTarget,
  auditDetail: ({ mode }) => ({ mode }),
  run: (ctx, input) => rebootNode(ctx, input.nodeId, input.mode),
});

export const nodeShutdown = defineOperation({
  name: "node.shutdown",
  role: "operator",
  kind: "change",
  summary: "Switches a node off.",
  input: shutdownInput,
  output: named,
  target: nodeTarget,
  auditDetail: ({ force }) => ({ force }),
  run: (ctx, input) => shutdownNode(ctx, input.nodeId, input.force),
});

export const nodeReset = defineOperation({
  name: "node.reset",
  role: "admin",
  kind: "change",
  summary: "Wipes a node: its config and its data are lost.",
  input: resetInput,
  output: named,
  target: nodeTarget,
  auditDetail: ({ graceful, reboot, mode }) => ({ graceful, reboot, mode }),
  run: (ctx, { nodeId: id, ...request }) => resetNode(ctx, id, request),
});

export const nodeRollback = defineOperation({
  name: "node.rollback",
  role: "admin",
  kind: "change",
  summary: "Boots the system from before the last upgrade.",
  input: z.object({ nodeId }),
  output: named,
  target: nodeTarget,
  run: (ctx, input) => rollbackNode(ctx, input.nodeId),
});

export const serviceRestart = defineOperation({
  name: "service.restart",
  role: "operator",
  kind: "change",
  summary: "Restarts one Talos service of a node.",
  input: restartServiceInput,
  output: named,
  target: nodeTarget,
  auditDetail: ({ service }) => ({ service }),
  run: (ctx, input) => restartService(ctx, input.nodeId, input.service),
});

export const gpuProfilePreviewAssign = defineOperation({
  name: "gpu-profile.preview-assign",
  role: "operator",
  kind: "compute",
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
