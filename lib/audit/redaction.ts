const secretName =
  /pass(word|phrase|wd)?|pwd|psk|secret|token|credential|private|bundle|(^|[a-z_-])key$|pem$|jwt|bearer|talosconfig|kubeconfig|machineconfig|cookie|authorization|(^|[a-z_-])auth$/i;
const secretText = /-----BEGIN |ichor_[0-9A-Za-z_-]{20,}|[A-Za-z0-9+/]{120,}={0,2}/;
const longestText = 400;
const mostItems = 100;
const deepest = 4;

export type AuditDetail = { [name: string]: AuditValue };
export type AuditValue = string | number | boolean | null | AuditValue[] | AuditDetail;

/**
 * The second wall: an operation lists what its audit entry may keep (`auditDetail`), and here names and texts that look
 * like secrets are cut out of that, long texts and lists cut short, control characters removed.
 */
export function redactDetail(value: unknown, depth = 0): AuditValue {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return redactText(value);
  if (depth >= deepest) return "[too deep]";
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => redactDetail(item, depth + 1));
  if (typeof value === "object") {
    const kept: AuditDetail = {};
    for (const [name, item] of Object.entries(value).slice(0, mostItems)) {
      if (item === undefined) continue;
      kept[name] = secretName.test(name) ? "[redacted]" : redactDetail(item, depth + 1);
    }
    return kept;
  }
  return "[not recorded]";
}

/** A text as it may stand in an entry: on one line, without what controls a terminal or turns the direction of reading. */
export function redactText(text: string): string {
  if (secretText.test(text)) return "[redacted]";
  const clean = text
    .toWellFormed()
    .replace(/[\r\n\u0085\u2028\u2029]+/g, " ⏎ ")
    .replace(/[\p{Cc}\p{Cf}]/gu, "");
  return clean.length > longestText ? `${clean.slice(0, longestText)}…` : clean;
}
