import { z } from "zod";

export const auditTargetKinds = [
  "node",
  "cluster",
  "schematic",
  "gpu-profile",
  "run",
  "user",
  "token",
  "setting",
] as const;
/** What an entry is about. */
export type AuditTarget = { kind: (typeof auditTargetKinds)[number]; id: string; name?: string };

export const auditFilter = z.object({
  /** Only what happened to this. */
  targetKind: z.string().max(40).optional(),
  targetId: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
  actor: z.string().max(100).optional(),
  phase: z.enum(["intent", "outcome", "change", "denied", "system"]).optional(),
  /** Text in the action, the actor's or the target's name. */
  q: z.string().max(200).optional(),
  /** Entries before this number, for the next page. */
  beforeSeq: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type AuditFilter = z.input<typeof auditFilter>;

export const auditEntryView = z.object({
  seq: z.number().int(),
  id: z.string(),
  atMs: z.number(),
  phase: z.string(),
  action: z.string(),
  actor: z.string(),
  actorName: z.string(),
  onBehalfOf: z.string().nullable(),
  target: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }).nullable(),
  requestId: z.string(),
  intentId: z.string().nullable(),
  /** For an intent: how it ended, or `unknown` where no outcome was ever written. */
  outcome: z.enum(["succeeded", "failed", "unknown"]).nullable(),
  errorCode: z.string().nullable(),
  durationMs: z.number().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntryView = z.infer<typeof auditEntryView>;
