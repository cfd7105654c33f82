import "server-only";
import { z } from "zod";
import { type ChainPoint, chainStart } from "@/lib/audit/chain";
import { readCheckpoint } from "@/lib/audit/checkpoint";
import { guardedFetch } from "@/lib/core/dial/request";
import { AppError, errorMessage } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { fullJitterMs, sleep } from "@/lib/core/time";
import { db } from "@/lib/db/client";
import { otlpBody } from "./otlp-record";

/** Where the log is sent to, and the headers that let it in. */
export type OtlpTarget = { url: string; headers: Record<string, string> };

const cursorName = "audit.otlp-delivered";
const mostRows = 200;
const mostAnswerBytes = 64 * 1024;
const idleMs = 5_000;
const longestWaitMs = 5 * 60_000;

const point = z.object({ seq: z.number().int(), hash: z.string() });
const answer = z.object({
  partialSuccess: z
    .object({ rejectedLogRecords: z.coerce.number().default(0), errorMessage: z.string().default("") })
    .optional(),
});

const slot = Symbol.for("ichor.audit-otlp");
type Delivery = { failing: boolean; batchRows: number };
const holder = globalThis as { [slot]?: Delivery };
const delivery = (): Delivery => (holder[slot] ??= { failing: false, batchRows: mostRows });

/** Whether the last try failed, for the metrics. */
export const otlpFailing = (): boolean => delivery().failing;

/**
 * The last entry that the collector took. Begins anew where the log is not the one it was sent from (a back-up was restored):
 * twice is better than never.
 */
export async function deliveredPoint(): Promise<ChainPoint> {
  const removed = await readCheckpoint("removed");
  const first = removed.state === "signed" ? removed.checkpoint : chainStart;
  const row = await db.setting.findUnique({ where: { name: cursorName } });
  const stored = row === null ? null : point.safeParse(JSON.parse(row.value));
  if (!stored?.success || stored.data.seq <= first.seq) return { seq: first.seq, hash: first.hash };
  const entry = await db.auditEntry.findUnique({ where: { seq: stored.data.seq }, select: { hash: true } });
  return entry?.hash === stored.data.hash ? stored.data : { seq: first.seq, hash: first.hash };
}

/** The answer's text, up to a limit: a collector is not trusted either. */
async function readAnswer(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > mostAnswerBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly retryAfterMs: number,
  ) {
    super(`the collector answered ${status}`);
  }
}

async function post({ url, headers }: OtlpTarget, body: string, signal: AbortSignal): Promise<void> {
  const sent = { method: "POST" as const, headers: { ...headers, "content-type": "application/json" }, body, signal };
  const response = await guardedFetch(new URL(url), sent, { kind: "service", url });
  const text = await readAnswer(response);
  if (response.status !== 200) {
    const seconds = Number(response.headers.get("retry-after") ?? 0);
    throw new Refused(response.status, Number.isFinite(seconds) ? Math.min(seconds * 1000, longestWaitMs) : 0);
  }
  const parsed = answer.safeParse(jsonOf(text));
  const rejected = parsed.success ? (parsed.data.partialSuccess?.rejectedLogRecords ?? 0) : 0;
  // OTLP forbids to send these again.
  if (rejected > 0) log.warn("The collector rejected entries of the audit log", { rejected });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return {};
  }
}

/**
 * Sends the next entries and notes that they arrived, in this order: what was sent and not noted is sent again.
 * @returns how many were sent; 0 when there is nothing new. @throws what kept it from being sent.
 */
export async function deliverNext(target: OtlpTarget, signal: AbortSignal, timeoutMs = 10_000): Promise<number> {
  const state = delivery();
  const from = await deliveredPoint();
  const rows = await db.auditEntry.findMany({
    where: { seq: { gt: from.seq } },
    orderBy: { seq: "asc" },
    take: state.batchRows,
  });
  const last = rows.at(-1);
  if (!last) return 0;
  try {
    await post(target, otlpBody(rows), AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
  } catch (error) {
    // Too large for the collector: fewer at once.
    if (error instanceof Refused && error.status === 413) state.batchRows = Math.max(1, state.batchRows >> 1);
    throw error;
  }
  const value = JSON.stringify({ seq: last.seq, hash: last.hash });
  await db.setting.upsert({
    where: { name: cursorName },
    create: { name: cursorName, value },
    update: { value },
  });
  return rows.length;
}

/** What a failure may say: never a header, which may hold a token. */
const reasonOf = (error: unknown): string => {
  if (error instanceof AppError || error instanceof Refused) return error.message;
  if (error instanceof Error && error.name === "TimeoutError") return "the collector did not answer in time";
  return error instanceof Error && "code" in error ? String(error.code) : errorMessage(error);
};

export type OtlpClock = { sleep: typeof sleep; random: () => number };

/** Delivers until it is told to stop: what is new, and after a failure again and again, with waits that grow up to five minutes. */
export async function keepDelivering(
  target: OtlpTarget,
  signal: AbortSignal,
  clock: OtlpClock = { sleep, random: Math.random },
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    let waitMs: number;
    try {
      const sent = await deliverNext(target, signal);
      if (failures > 0) log.info("The audit log is delivered again", { afterFailures: failures });
      failures = 0;
      waitMs = sent > 0 ? 0 : idleMs;
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0)
        log.warn("The audit log could not be delivered; it is tried again", { reason: reasonOf(error) });
      const asked = error instanceof Refused ? error.retryAfterMs : 0;
      waitMs = Math.max(asked, fullJitterMs(failures, { baseMs: 1000, capMs: longestWaitMs, random: clock.random }));
      failures += 1;
    }
    delivery().failing = failures > 0;
    await clock.sleep(waitMs, signal).catch(() => {});
  }
}
