import "server-only";
import { countFailure } from "@/lib/auth/anonymous-failures";
import { type Actor, actorName, actorRef, type Ctx } from "@/lib/auth/ctx";
import { newId } from "@/lib/core/ids";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { type AuditOutcome, type AuditPhase, type AuditRow, firstHash, hashRow } from "./chain";
import { mayRecordDenied } from "./denied-limit";
import { redactDetail, redactText } from "./redaction";
import type { AuditTarget } from "./schema";

export type AuditSubject = {
  /** `{entity}.{verb}` */
  action: string;
  target?: AuditTarget | null;
  /** What may be kept; redacted once more before it is stored. */
  detail?: Record<string, unknown>;
};
export type AuditResult = {
  outcome: AuditOutcome;
  errorCode?: string;
  durationMs: number;
  detail?: Record<string, unknown>;
};
type Who = { actor: Actor; requestId: string };
type Entry = AuditSubject & {
  phase: AuditPhase;
  intentId?: string;
  outcome?: AuditOutcome;
  errorCode?: string;
  durationMs?: number;
};

async function append(tx: Tx, who: Who, entry: Entry): Promise<string> {
  const head = await tx.auditEntry.findFirst({ orderBy: { seq: "desc" }, select: { seq: true, hash: true } });
  const row: AuditRow = {
    seq: (head?.seq ?? 0) + 1,
    id: newId("audit"),
    at: new Date(),
    phase: entry.phase,
    action: entry.action,
    actor: actorRef(who.actor),
    actorName: redactText(actorName(who.actor)),
    onBehalfOf: who.actor.kind === "system" ? who.actor.onBehalfOf : null,
    targetKind: entry.target?.kind ?? null,
    // Of a refused attempt they are what the caller sent.
    targetId: entry.target ? redactText(entry.target.id) : null,
    targetName: entry.target?.name === undefined ? null : redactText(entry.target.name),
    requestId: who.requestId,
    intentId: entry.intentId ?? null,
    outcome: entry.outcome ?? null,
    errorCode: entry.errorCode ?? null,
    durationMs: entry.durationMs === undefined ? null : Math.round(entry.durationMs),
    detail: JSON.stringify(redactDetail(entry.detail ?? {})),
    prevHash: head?.hash ?? firstHash,
  };
  await tx.auditEntry.create({ data: { ...row, hash: hashRow(row) } });
  return row.id;
}

/** Says what is about to be done, committed before it is done. Throws when it cannot be written: then do not do it. */
export const recordIntent = (ctx: Ctx, subject: AuditSubject): Promise<string> =>
  withTransaction((tx) => append(tx, ctx, { ...subject, phase: "intent" }));

/** Says how it ended. Repeats the intent's action and target, so that one row reads by itself. */
export const recordOutcome = (ctx: Ctx, intentId: string, result: AuditResult): Promise<string> =>
  withTransaction(async (tx) => {
    const intent = await tx.auditEntry.findUniqueOrThrow({ where: { id: intentId } });
    return append(tx, ctx, {
      phase: "outcome",
      action: intent.action,
      intentId,
      target: storedTarget(intent),
      ...result,
    });
  });

/** A change of the database alone: one row, in the transaction that makes the change. */
export const recordChange = (tx: Tx, ctx: Ctx, subject: AuditSubject): Promise<string> =>
  append(tx, ctx, { ...subject, phase: "change" });

/**
 * An attempt that was refused. It has no context, since a context is what was refused. One account's attempts at the same thing
 * are counted after the fifth in an hour, so that it cannot fill the disk with them.
 */
export async function recordDenied(who: Who, subject: AuditSubject & { errorCode: string }): Promise<void> {
  const actor = actorRef(who.actor);
  if (mayRecordDenied(actor, subject.action, Date.now()))
    await withTransaction((tx) => append(tx, who, { ...subject, phase: "denied" }));
  else countFailure("denied", "", actor);
}

/** What Ichor itself did or noticed: sign-ins, a start, a schematic registered. */
export const recordSystem = (who: Who, subject: AuditSubject): Promise<string> =>
  withTransaction((tx) => append(tx, who, { ...subject, phase: "system" }));

function storedTarget(row: {
  targetKind: string | null;
  targetId: string | null;
  targetName: string | null;
}): AuditTarget | null {
  if (row.targetKind === null || row.targetId === null) return null;
  // Written by `append` above from an AuditTarget.
  return {
    kind: row.targetKind as AuditTarget["kind"],
    id: row.targetId,
    ...(row.targetName !== null && { name: row.targetName }),
  };
}
