import { z } from "zod";
import { failureKinds } from "@/lib/auth/failure-kind";

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

const checked = { checkedAtMs: z.number(), missingGuards: z.array(z.string()) };
/** What the last verification of the log found. */
export const auditStatus = z.discriminatedUnion("state", [
  z.object({ state: z.literal("unverified"), missingGuards: z.array(z.string()) }),
  z.object({
    state: z.literal("intact"),
    /** The first entry that is stored: older ones may have been removed by the rules. */
    firstSeq: z.number().int(),
    /** The last entry that was verified, and its hash. */
    seq: z.number().int(),
    hash: z.string(),
    /** When the log was last walked from its first entry; in between only what is new is. */
    fullAtMs: z.number().nullable(),
    ...checked,
  }),
  /** `seq`: the first entry that is missing or wrong. Entries from there on cannot be trusted. */
  z.object({ state: z.literal("broken"), seq: z.number().int(), reason: z.string(), ...checked }),
]);
export type AuditStatus = z.infer<typeof auditStatus>;

/** A number and hash (or its first 12 digits or more) that were noted elsewhere. */
export const expectedHead = z.object({
  seq: z.coerce.number().int().positive(),
  hash: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[0-9a-f]{12,64}$/, "A hash is 64 hexadecimal digits; its first 12 are enough."),
});
export type ExpectedHead = z.infer<typeof expectedHead>;

export const headVerdicts = ["in-chain", "differs", "beyond-end", "removed", "not-verified"] as const;
/**
 * `in-chain`: the entry is there, and everything before it is what it was. `differs`: the log was computed anew. `beyond-end`: it
 * was cut short. `removed`: the entry is older than what is kept. `not-verified`: the chain is broken before it.
 */
export type HeadVerdict = (typeof headVerdicts)[number];

/** Failures of strangers in the last day, counted by account (empty for none) and network. */
export const failureView = z.object({
  kind: z.enum(failureKinds),
  subject: z.string(),
  /** The name of the account or token that is the subject; null where there is none, or none any more. */
  name: z.string().nullable(),
  place: z.string(),
  count: z.number().int(),
  lastAtMs: z.number(),
});
export type FailureView = z.infer<typeof failureView>;
