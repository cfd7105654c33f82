/** ANSI escape sequences: colours, cursor movements, titles, links. */
const escapes =
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,16}[@-~]|\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|[PX^_][^\u001b]{0,2048}\u001b\\|[@-Z\\-_])/g;
const lineBreaks = /[\t ]*(?:\r\n|[\n\r\u0085\u2028\u2029])[\t ]*/g;
/** Control characters, and invisible ones that turn the direction of text or join what is apart (Cf: bidi, zero width, tags). */
const invisible = /[\p{Cc}\p{Cf}]/gu;

/**
 * Text of strangers as it may stand in a log, a terminal or the audit log: on one line, without characters that control
 * the terminal, begin a line that looks like another entry, or turn what is read around. Length in UTF-16 units.
 */
export function onOneLine(text: string, max = 2000): string {
  const capped = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  return capped
    .replace(/\p{Cs}/gu, "\ufffd")
    .replace(escapes, "")
    .replace(lineBreaks, " ⏎ ")
    .replace(/\t/g, " ")
    .replace(invisible, "");
}
