import type { AuditRow } from "@/lib/audit/chain";

type Value = { stringValue: string } | { intValue: string };
const attribute = (key: string, value: string | number | null): { key: string; value: Value }[] => {
  if (value === null) return [];
  return [{ key, value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value } }];
};
const bad = (row: AuditRow): boolean => row.phase === "denied" || row.outcome === "failed";

/** An entry as a log record of OTLP 1.x in JSON: 64-bit numbers are strings there. */
const logRecord = (row: AuditRow & { hash: string }) => ({
  timeUnixNano: `${row.at.getTime()}000000`,
  observedTimeUnixNano: `${row.at.getTime()}000000`,
  severityNumber: bad(row) ? 13 : 9,
  severityText: bad(row) ? "WARN" : "INFO",
  body: { stringValue: `${row.action} ${row.outcome ?? row.phase} by ${row.actorName}` },
  attributes: [
    ...attribute("ichor.audit.seq", row.seq),
    ...attribute("ichor.audit.id", row.id),
    ...attribute("ichor.audit.phase", row.phase),
    ...attribute("ichor.audit.action", row.action),
    ...attribute("ichor.audit.actor", row.actor),
    ...attribute("ichor.audit.actor_name", row.actorName),
    ...attribute("ichor.audit.on_behalf_of", row.onBehalfOf),
    ...attribute("ichor.audit.target_kind", row.targetKind),
    ...attribute("ichor.audit.target_id", row.targetId),
    ...attribute("ichor.audit.target_name", row.targetName),
    ...attribute("ichor.audit.request_id", row.requestId),
    ...attribute("ichor.audit.intent_id", row.intentId),
    ...attribute("ichor.audit.outcome", row.outcome),
    ...attribute("ichor.audit.error_code", row.errorCode),
    ...attribute("ichor.audit.duration_ms", row.durationMs),
    ...attribute("ichor.audit.detail", row.detail),
    ...attribute("ichor.audit.prev_hash", row.prevHash),
    ...attribute("ichor.audit.hash", row.hash),
  ],
});

/** The body of one request with these entries. They hold no secrets: redaction has been before. */
export const otlpBody = (rows: readonly (AuditRow & { hash: string })[]): string =>
  JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: attribute("service.name", "ichor") },
        scopeLogs: [{ scope: { name: "ichor.audit" }, logRecords: rows.map(logRecord) }],
      },
    ],
  });
