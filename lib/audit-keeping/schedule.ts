import "server-only";
import { storeFailures } from "@/lib/audit/failures";
import { removeOldEntries } from "@/lib/audit/removal";
import { auditHead, verifyAuditLog } from "@/lib/audit/verification";
import { systemContext } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import { log } from "@/lib/core/log";
import { deliveredPoint, keepDelivering } from "./otlp";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** What is new is verified this often, and the whole log once a day. */
const verifyEveryMs = 5 * minuteMs;
const fullEveryMs = dayMs;
const hourMs = 60 * minuteMs;
const storeFailuresEveryMs = 10_000;

const slot = Symbol.for("ichor.audit-keeping");
type Jobs = { timers: NodeJS.Timeout[]; stop: AbortController };
const holder = globalThis as { [slot]?: Jobs };

/** The head in the server's log: kept elsewhere, it shows a log that was cut short or computed anew. */
export async function logAuditHead(): Promise<void> {
  const { seq, hash } = await auditHead();
  log.info("Audit log head", { seq, hash });
}

/** One turn: verifies, and tells what it found. A broken chain is told and shown, and stops nothing. */
export async function keepAudit(nowMs = Date.now()): Promise<void> {
  const news = await verifyAuditLog({ nowMs });
  const fullDue = news.state === "intact" && nowMs - (news.fullAtMs ?? -Infinity) >= fullEveryMs;
  const status = fullDue ? await verifyAuditLog({ full: true, nowMs }) : news;
  if (status.state === "broken")
    log.error("The chain of the audit log is broken", { seq: status.seq, reason: status.reason });
  if (status.missingGuards.length > 0)
    log.error("The audit log is not kept append-only by the database", { missing: status.missingGuards.join(", ") });
}

/** Removes what is older than the setting says, if it says so. */
export async function removeOld(nowMs = Date.now()): Promise<void> {
  const { auditDays, auditOtlp } = env();
  if (auditDays === null) return;
  const removed = await removeOldEntries(systemContext("audit-retention"), {
    before: new Date(nowMs - auditDays * dayMs),
    // What a collector has not taken yet stays.
    ...(auditOtlp !== null && { upToSeq: (await deliveredPoint()).seq }),
  });
  if (removed > 0) log.info("Old entries of the audit log were removed", { removed, days: auditDays });
}

const inBackground = (work: () => Promise<void>): void =>
  void work().catch((error: unknown) => log.unexpected("The audit log could not be looked after", error));

/** Starts what looks after the log. Nothing waits for it. */
export function startAuditKeeping(): void {
  if (holder[slot]) return;
  inBackground(logAuditHead);
  inBackground(keepAudit);
  const timers = [
    setInterval(() => inBackground(keepAudit), verifyEveryMs),
    setInterval(() => inBackground(logAuditHead), hourMs),
    setInterval(() => inBackground(removeOld), hourMs),
    setInterval(() => inBackground(storeFailures), storeFailuresEveryMs),
  ];
  for (const timer of timers) timer.unref();
  const stop = new AbortController();
  const { auditOtlp } = env();
  if (auditOtlp !== null) inBackground(() => keepDelivering(auditOtlp, stop.signal));
  holder[slot] = { timers, stop };
}

/** Ends it; the last head is logged. */
export async function stopAuditKeeping(): Promise<void> {
  const jobs = holder[slot];
  delete holder[slot];
  jobs?.stop.abort();
  for (const timer of jobs?.timers ?? []) clearInterval(timer);
  await storeFailures();
  await logAuditHead();
}
