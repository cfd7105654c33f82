import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { auditEntryView, type AuditEntryView, auditFilter, type AuditFilter } from "./schema";
import { visibleEntries } from "./visibility";

/**
 * The audit log, newest first. Outcomes are folded into their intents, so one thing done is one entry. Without the
 * role auditor, others' sign-ins and accounts are left out (`visibleEntries`).
 * @returns entries, and the number to ask for the next page with (null at the end).
 */
export async function listAudit(
  ctx: Ctx,
  filter: AuditFilter = {},
): Promise<{ entries: AuditEntryView[]; nextBeforeSeq: number | null }> {
  const { targetKind, targetId, action, actor, phase, q, beforeSeq, limit } = auditFilter.parse(filter);
  const visible = visibleEntries(ctx.actor);
  const rows = await db.auditEntry.findMany({
    where: {
      ...(visible && { AND: visible }),
      ...(beforeSeq !== undefined && { seq: { lt: beforeSeq } }),
      ...(targetKind !== undefined && { targetKind }),
      ...(targetId !== undefined && { targetId }),
      ...(action !== undefined && { action }),
      ...(actor !== undefined && { actor }),
      phase: phase ?? { not: "outcome" },
      ...(q && {
        OR: [
          { action: { contains: q } },
          { actorName: { contains: q } },
          { targetName: { contains: q } },
          { targetId: { contains: q } },
        ],
      }),
    },
    orderBy: { seq: "desc" },
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  const outcomes = await db.auditEntry.findMany({
    where: { phase: "outcome", intentId: { in: page.filter((row) => row.phase === "intent").map((row) => row.id) } },
  });
  const outcomeOf = new Map(outcomes.map((row) => [row.intentId, row]));
  const entries = page.map((row) => {
    const ended = outcomeOf.get(row.id);
    return auditEntryView.parse({
      ...row,
      atMs: row.at.getTime(),
      target:
        row.targetKind !== null && row.targetId !== null
          ? { kind: row.targetKind, id: row.targetId, name: row.targetName }
          : null,
      outcome: row.phase === "intent" ? (ended?.outcome ?? "unknown") : row.outcome,
      errorCode: ended?.errorCode ?? row.errorCode,
      durationMs: ended?.durationMs ?? row.durationMs,
      detail: { ...parseDetail(row.detail), ...(ended && parseDetail(ended.detail)) },
    });
  });
  return { entries, nextBeforeSeq: rows.length > limit ? (page.at(-1)?.seq ?? null) : null };
}

function parseDetail(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
