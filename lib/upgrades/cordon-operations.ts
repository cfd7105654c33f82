import "server-only";
import { z } from "zod";
import { nodeTarget } from "@/lib/inventory/node-operations";
import { named, nodeId } from "@/lib/inventory/operation-schema";
import { defineOperation } from "@/lib/operation/define-operation";
import { abortDrain, cordonNode, drainKubernetesNode, uncordonNode } from "./cordon-commands";

const input = z.object({ nodeId });
/** Whose a cordon is: this request's, one of ours from before, or somebody else's, which is left as it is. */
const taken = z.enum(["cordoned", "taken-over", "foreign"]);

export const nodeCordon = defineOperation({
  name: "node.cordon",
  role: "operator",
  kind: "change",
  summary: "Marks a node unschedulable in Kubernetes.",
  input,
  output: named.extend({ cordon: taken }),
  target: nodeTarget,
  run: (ctx, { nodeId: id }) => cordonNode(ctx, id),
});

export const nodeUncordon = defineOperation({
  name: "node.uncordon",
  role: "operator",
  kind: "change",
  summary: "Lets pods be scheduled on a node again, whoever cordoned it.",
  input,
  output: named.extend({ cordon: z.enum(["uncordoned", "not-cordoned", "foreign"]) }),
  target: nodeTarget,
  run: (ctx, { nodeId: id }) => uncordonNode(ctx, id),
});

export const nodeDrain = defineOperation({
  name: "node.drain",
  role: "operator",
  kind: "change",
  summary:
    "Cordons a node and evicts its pods within their budgets; answers when they are gone, or what is in the way.",
  input: input.extend({
    timeoutMs: z
      .number()
      .int()
      .min(1_000)
      .max(9 * 60_000)
      .default(5 * 60_000),
  }),
  output: named.extend({ evicted: z.number().int(), cordon: taken }),
  target: nodeTarget,
  auditDetail: ({ timeoutMs }) => ({ timeoutMs }),
  run: drainKubernetesNode,
});

export const nodeAbortDrain = defineOperation({
  name: "node.abort-drain",
  role: "operator",
  kind: "change",
  summary: "Ends a drain that is under way; a cordon that it made is taken back.",
  input,
  output: named,
  target: nodeTarget,
  run: (ctx, { nodeId: id }) => abortDrain(ctx, id),
});
