import "server-only";
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import type { AuditRow, ChainPoint } from "@/lib/audit/chain";
import { readCheckpoint } from "@/lib/audit/checkpoint";
import { recordIntent, recordOutcome } from "@/lib/audit/record";
import { publicKeyPem, signingKey, signText } from "@/lib/audit/signature";
import { auditHead } from "@/lib/audit/verification";
import type { Actor } from "@/lib/auth/ctx";
import { log } from "@/lib/core/log";
import { admitTo, type DownloadDoor } from "@/lib/operation/admit";
import { db } from "@/lib/db/client";

/** Who may export the audit log. */
export const auditExport: DownloadDoor<"auditor"> = { name: "audit.export", role: "auditor" };
const sliceRows = 250;

/** What of the log is exported; all of it without a filter. Times are ISO 8601, `to` is not included. */
export const exportFilter = z.object({
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  actor: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
});
export type ExportFilter = z.output<typeof exportFilter>;

const written = ({ from, to, ...rest }: ExportFilter) => ({
  ...rest,
  from: from?.toISOString(),
  to: to?.toISOString(),
});

/** What is signed of an export. */
export const exportText = (entries: number, sha256: string, head: ChainPoint): string =>
  JSON.stringify(["ichor/audit-export/v1", entries, sha256, head.seq, head.hash]);

const lineOf = (row: AuditRow & { hash: string }): string =>
  JSON.stringify({
    seq: row.seq,
    id: row.id,
    at: row.at.toISOString(),
    phase: row.phase,
    action: row.action,
    actor: row.actor,
    actorName: row.actorName,
    onBehalfOf: row.onBehalfOf,
    targetKind: row.targetKind,
    targetId: row.targetId,
    targetName: row.targetName,
    requestId: row.requestId,
    intentId: row.intentId,
    outcome: row.outcome,
    errorCode: row.errorCode,
    durationMs: row.durationMs,
    detail: row.detail,
    prevHash: row.prevHash,
    hash: row.hash,
  });

async function* entriesOf(filter: ExportFilter, head: ChainPoint): AsyncGenerator<AuditRow & { hash: string }> {
  let seq = 0;
  for (;;) {
    const rows = await db.auditEntry.findMany({
      where: {
        seq: { gt: seq, lte: head.seq },
        at: { gte: filter.from, lt: filter.to },
        actor: filter.actor,
        action: filter.action,
      },
      orderBy: { seq: "asc" },
      take: sliceRows,
    });
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < sliceRows) return;
    seq = last.seq;
    await setImmediate();
  }
}

type Summary = { entries: number; sha256: string };

/** The lines of an export: a header, the entries oldest first, and an end that signs the SHA-256 of all bytes before it. */
async function* exportLines(filter: ExportFilter, head: ChainPoint): AsyncGenerator<string, Summary> {
  const digest = createHash("sha256");
  const told = (line: string): string => {
    digest.update(`${line}\n`);
    return `${line}\n`;
  };
  const removed = await readCheckpoint("removed");
  yield told(
    JSON.stringify({
      format: "ichor/audit-export/v1",
      exportedAt: new Date().toISOString(),
      filter: written(filter),
      // Where the stored log begins: older entries were removed by the rules.
      after: removed.state === "signed" ? { seq: removed.checkpoint.seq, hash: removed.checkpoint.hash } : null,
    }),
  );
  let entries = 0;
  for await (const row of entriesOf(filter, head)) {
    entries += 1;
    yield told(lineOf(row));
  }
  const sha256 = digest.digest("hex");
  const key = await signingKey();
  const { signature } = signText(exportText(entries, sha256, head), key);
  yield `${JSON.stringify({ end: true, entries, sha256, head, signature, publicKey: publicKeyPem(key) })}\n`;
  return { entries, sha256 };
}

/**
 * The audit log as JSON lines, streamed: role auditor, audited with how many entries left and their SHA-256.
 * @throws AppError `forbidden` (recorded).
 */
export async function exportAudit(
  actor: Actor,
  filter: ExportFilter,
  requestId: string,
): Promise<ReadableStream<Uint8Array>> {
  const ctx = await admitTo(auditExport, actor, requestId);
  // Up to here, so that the entry about this export is not in it.
  const head = await auditHead();
  const intentId = await recordIntent(ctx, {
    action: auditExport.name,
    detail: { ...written(filter), upTo: head.seq },
  });
  const startedMs = performance.now();
  const lines = exportLines(filter, head);
  const end = (
    outcome: "succeeded" | "failed",
    more: { errorCode?: string; detail?: Summary } = {},
  ): Promise<unknown> =>
    recordOutcome(ctx, intentId, { outcome, durationMs: performance.now() - startedMs, ...more }).catch(
      // What left has left; the log then says "unknown" of it, which is true.
      (error: unknown) => log.unexpected("An outcome could not be written to the audit log", error, { intentId }),
    );
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await lines.next();
        if (!next.done) return controller.enqueue(Buffer.from(next.value));
        await end("succeeded", { detail: next.value });
        controller.close();
      } catch (error) {
        await end("failed", { errorCode: "internal" });
        controller.error(error);
      }
    },
    async cancel() {
      await lines.return({ entries: 0, sha256: "" });
      await end("failed", { errorCode: "cancelled" });
    },
  });
}
