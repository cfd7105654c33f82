const secretName =
  /pass|pwd|psk|secret|token|credential|private|bundle|(^|[a-z_-])key$|pem$|jwt|bearer|talosconfig|kubeconfig|machineconfig|cookie|authorization|(^|[a-z_-])auth$/i;
const secretTexts = [
  /-----BEGIN /,
  /ichor_[0-9A-Za-z_-]{20,}/,
  // A JSON web token; a bootstrap token of Kubernetes.
  /eyJ[\w-]{8,}\.[\w-]{8,}\./,
  /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/,
  // Long base64 of either alphabet.
  /[A-Za-z0-9+/_-]{120,}/,
  /(password|passwd|passphrase|secret|token|psk)["']?\s*[=:]\s*\S/i,
  /--?(password|passphrase|secret|token)\s+\S/i,
  /\/\/[^\s/@:]*:[^\s/@]+@/,
];
const longestText = 400;
const longestName = 100;
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
    const kept = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .slice(0, mostItems)
      .map(([name, item]) => [
        printable(name).slice(0, longestName),
        secretName.test(name) ? "[redacted]" : redactDetail(item, depth + 1),
      ]);
    // A name such as `__proto__` stays a name.
    return Object.fromEntries(kept) as AuditDetail;
  }
  return "[not recorded]";
}

/** On one line, without what controls a terminal or turns the direction of reading. */
const printable = (text: string): string =>
  text
    .replace(/\p{Cs}/gu, "\ufffd")
    .replace(/[\r\n\u0085\u2028\u2029]+/g, " ⏎ ")
    .replace(/[\p{Cc}\p{Cf}]/gu, "");

/** A text as it may stand in an entry. */
export function redactText(text: string): string {
  // Judged as it is kept: a control character must not hide a secret.
  const clean = printable(text);
  if (secretTexts.some((pattern) => pattern.test(clean))) return "[redacted]";
  return clean.length > longestText ? `${clean.slice(0, longestText)}…` : clean;
}
