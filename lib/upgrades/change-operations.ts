import "server-only";
import { z } from "zod";
import { shown } from "@/lib/inventory/config-operations";
import { nodeId } from "@/lib/inventory/operation-schema";
import { defineOperation } from "@/lib/operation/define-operation";
import { upgradePlan, upgradePolicy } from "./schema";
import { readNodeChange } from "./change/node-change";
import { changeStep } from "./change/schema";

const failure = z.object({ message: z.string(), hint: z.string().optional() });

export const readChange = defineOperation({
  name: "node.change",
  role: "operator",
  kind: "compute",
  unaudited:
    "An open page asks for it whenever the node changes, and the answer has no secrets; each step that it leads to is audited.",
  cost: "expensive",
  summary:
    "Where a node stands between its profile and a GPU that is proven: the steps, what its config would change, and the upgrade. Changes nothing.",
  input: z.object({ nodeId, policy: upgradePolicy.partial().optional() }),
  output: z.object({
    steps: z.array(changeStep),
    /** What the config would change; null where there is nothing to apply, or it could not be read. */
    config: shown.nullable(),
    configError: failure.nullable(),
    /** The upgrade that the change comes to; null where there is none, or it could not be planned. */
    plan: upgradePlan.nullable(),
    planError: failure.nullable(),
  }),
  run: (ctx, input) => readNodeChange(ctx, input.nodeId, input.policy ?? {}),
});
