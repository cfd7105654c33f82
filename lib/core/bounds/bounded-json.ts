export type JsonCaps = { bytes: number; depth: number; nodes: number };

/** What is wrong with a text, as a clause: "it is nested more than 8 levels deep". */
export class JsonTooMuch extends Error {}

/** Counts values and levels in one pass; what stands in texts does not count. */
function measure(text: string, { depth, nodes }: JsonCaps): void {
  let level = 0;
  let count = 1;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === 92) at += 1;
      else if (char === 34) quoted = false;
    } else if (char === 34) quoted = true;
    else if (char === 91 || char === 123) {
      count += 1;
      if (++level > depth) throw new JsonTooMuch(`it is nested more than ${depth} levels deep`);
    } else if (char === 93 || char === 125) level -= 1;
    else if (char === 44 || char === 58) count += 1;
    if (count > nodes) throw new JsonTooMuch(`it holds more than ${nodes} values`);
  }
}

/**
 * JSON of another program, measured before anything is built of it.
 * @throws JsonTooMuch beyond the caps; SyntaxError for what is not JSON.
 */
export function parseBoundedJson(text: string, caps: JsonCaps): unknown {
  checkJsonCaps(text, caps);
  return JSON.parse(text);
}

/** @throws JsonTooMuch beyond the caps. */
export function checkJsonCaps(text: string, caps: JsonCaps): void {
  if (text.length > caps.bytes) throw new JsonTooMuch(`it is longer than ${caps.bytes} characters`);
  measure(text, caps);
}
