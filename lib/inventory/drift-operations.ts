import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import { applyRecordedImage, recordRunning } from "./drift/commands";
import { nodeTarget } from "./node-operations";
import { nodeId } from "./operation-schema";

export const nodeRecordRunning = defineOperation({
  name: "node.record-running",
  role: "operator",
  kind: "change",
  summary: "Makes the record true: the schematic that a node runs becomes its recorded one. Sends nothing to the node.",
  input: z.object({ nodeId }),
  output: z.object({
    name: z.string(),
    schematicId: z.string(),
    installImage: z.string().nullable(),
    profileIds: z.array(z.string()),
  }),
  target: nodeTarget,
  run: (ctx, input) => recordRunning(ctx, input.nodeId),
});

export const nodeApplyRecordedImage = defineOperation({
  name: "node.apply-recorded-image",
  role: "admin",
  kind: "change",
  summary:
    "Makes the node true: puts the recorded installer image into its config, without a restart, and reads it back.",
  input: z.object({ nodeId }),
  output: z.object({
    name: z.string(),
    installImage: z.string(),
    proof: z.enum(["proven", "after-reboot", "temporary", "unknown"]),
    upgradeNeeded: z.boolean(),
  }),
  target: nodeTarget,
  run: (ctx, input) => applyRecordedImage(ctx, input.nodeId),
});
