/** Longest text that a node may put into a sentence or a list. */
export const maxTextLength = 4096;

/**
 * Text from a node, fit to be shown and logged: control characters (ANSI escapes, bidirectional overrides, line separators)
 * become spaces, the length is capped in UTF-16 units. `keepLines` leaves \n and \t alone.
 */
export function cleanText(text: string, { max = maxTextLength, keepLines = false } = {}): string {
  const capped = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  const cleaned = capped
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
    .replace(keepLines ? /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g : /[\u0000-\u001f\u007f-\u009f]/g, " ")
    .replace(/[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "");
  return keepLines ? cleaned : cleaned.trim();
}
