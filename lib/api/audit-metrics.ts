import type { ChainPoint } from "@/lib/audit/chain";
import type { AuditStatus } from "@/lib/audit/schema";
import type { FailureKind } from "@/lib/auth/failure-kind";
import { prometheusGauge } from "./prometheus";

/** The first 48 bits of a hash: what a double holds exactly, so that a head needs no label that is new at each scrape. */
export const hashPrefix = (hash: string): number => Number.parseInt(hash.slice(0, 12), 16);

/**
 * The audit log's head and what its last verification found. Both head gauges of one scrape belong together: kept elsewhere, they
 * show a log that was cut short (the number falls) or computed anew (`audit.verify` with them says `differs`).
 */
export function auditGauges(head: ChainPoint, status: AuditStatus): string {
  const one = (name: string, help: string, value: number | null): string =>
    prometheusGauge(name, help, value === null ? [] : [{ labels: {}, value }]);
  const checked = status.state === "unverified" ? null : Math.round(status.checkedAtMs / 1000);
  return [
    one("ichor_audit_head_seq", "Number of the audit log's newest entry; it never falls.", head.seq),
    one("ichor_audit_head_hash48", "First 48 bits of that entry's hash, as a number.", hashPrefix(head.hash)),
    one(
      "ichor_audit_verified_seq",
      "Up to which entry the chain was verified.",
      status.state === "intact" ? status.seq : null,
    ),
    one("ichor_audit_verified_timestamp_seconds", "When the chain was last verified.", checked),
    one(
      "ichor_audit_broken",
      "1 where the chain is broken or the database does not keep the log append-only, else 0.",
      status.state === "broken" || status.missingGuards.length > 0 ? 1 : 0,
    ),
  ].join("");
}

/** Failures of strangers since the start of the process; all kinds are there from the first scrape on. */
export const failureGauge = (totals: Readonly<Record<FailureKind, number>>): string =>
  prometheusGauge(
    "ichor_anonymous_failures",
    "Refused sign-ins, tokens, sessions and foreign requests since the start.",
    Object.entries(totals).map(([kind, value]) => ({ labels: { kind }, value })),
  );

/** How far the log was delivered to a collector; empty where none is set. */
export const deliveryGauges = (delivered: ChainPoint | null, failing: boolean): string =>
  delivered === null
    ? ""
    : prometheusGauge("ichor_audit_delivered_seq", "The last entry that the collector took.", [
        { labels: {}, value: delivered.seq },
      ]) +
      prometheusGauge("ichor_audit_delivery_failing", "1 where the last delivery to the collector failed.", [
        { labels: {}, value: failing ? 1 : 0 },
      ]);
