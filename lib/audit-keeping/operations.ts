import "server-only";
import { z } from "zod";
import { auditStatus, expectedHead, headVerdicts } from "@/lib/audit/schema";
import { judgeHead, verifyAuditLog } from "@/lib/audit/verification";
import { defineOperation } from "@/lib/operation/define-operation";

export const verifyAuditOperation = defineOperation({
  name: "audit.verify",
  role: "auditor",
  kind: "compute",
  unaudited: "It reads the log, and would lengthen it each time.",
  summary:
    "Verifies the chain of the audit log: what is new since the last time, or all of it; and whether a head that was noted elsewhere is in it.",
  input: z.object({
    /** From the first entry, in place of where the last verification ended. */
    full: z.boolean().default(false),
    expectedHead: expectedHead.optional(),
  }),
  output: z.object({ status: auditStatus, expectedHead: z.enum(headVerdicts).nullable() }),
  run: async (_ctx, input) => {
    const status = await verifyAuditLog({ full: input.full });
    return { status, expectedHead: input.expectedHead ? await judgeHead(input.expectedHead, status) : null };
  },
});
