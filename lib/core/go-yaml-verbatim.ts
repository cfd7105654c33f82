/**
 * Values that no JSON type holds, as go-yaml writes them: a timestamp, a float that would look like an integer (`1e+06`), bytes that
 * are not UTF-8, a key that is not a text; and numbers of fields that nobody knows, as they were written. They are carried as strings that begin with half of a surrogate pair, which no YAML text
 * can hold (`parseYamlNodes` refuses it), and are written as they are, without quotes.
 */
const mark = "\uD800";

// Nothing else may be written without quotes: a text from elsewhere could begin with the mark as well.
const oneToken = /^[-+.]?[\w.](?:[\w.:+-]*[\w.+-])?$/;
const binary = /^!!binary [A-Za-z0-9+/]*={0,2}$/;
const isSafe = (text: string): boolean => (oneToken.test(text) && /\w/.test(text)) || binary.test(text);

/** @param text how go-yaml writes the value. */
export const verbatim = (text: string): string => mark + text;

/** How a value made by `verbatim` is written; null for every other text. */
export function verbatimText(value: string): string | null {
  if (!value.startsWith(mark)) return null;
  const text = value.slice(mark.length);
  return isSafe(text) ? text : null;
}

/** A key or text for people, whether or not it is verbatim. */
export const shownText = (value: string): string => verbatimText(value) ?? value;
