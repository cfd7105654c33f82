import { parseMachineConfig } from "@/lib/machine-config/documents";
import { redactDocuments, redacted, withoutCredentials, withoutSecretArguments } from "@/lib/machine-config/redact";

// Each pattern takes time in proportion to the line: what it is used on comes from a node.
const keyedLine = /^(\s*(?:[-+]\s*)?(?:- )?"?([\w.-]+)"?:\s*)\S/;
const secretKey = /(?:key|token|secret|password|passphrase|auth|content|contents)$/i;
const longBase64 = /[A-Za-z0-9+/=]{60,}/g;
/** A schematic ID or a digest in an image's name, and the words between the slashes around it. */
const plainSegment = /^(?:[0-9a-f]{64}|[a-z0-9]{0,24})$/;
const address = /[a-zA-Z][a-zA-Z0-9+.-]{0,30}:\/\/[^\s"']+/g;
/** Shorter texts stand in too many places to be taken out wherever they do. */
const shortestAnywhere = 8;

/** Every line of every secret in the configs, and the secrets that stand in places for secrets only. */
function secretsOf(configs: readonly string[]): { lines: Set<string>; named: Set<string> } {
  const lines = new Set<string>();
  const named = new Set<string>();
  for (const config of configs) {
    redactDocuments(parseMachineConfig(config), (value, _path, isNamed) => {
      for (const line of value.split("\n")) if (line.trim() !== "") lines.add(line.trim());
      if (isNamed) named.add(value);
      return redacted;
    });
  }
  return { lines, named };
}

const withoutKeys = (text: string): string =>
  text.replace(longBase64, (run) => (run.split("/").every((part) => plainSegment.test(part)) ? run : redacted));

const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;

/**
 * Makes what a node says of a config (its diff of a dry run, the reason of a refusal) fit to be shown: without the secrets of
 * the configs that it may speak of. They are taken out by their value, since a diff may begin in the middle of a file, and a
 * patch may have copied one elsewhere; what looks like one goes as well.
 *
 * @throws AppError `invalid-input` for text that is no config.
 */
export function textRedactor(configs: readonly string[]): (text: string) => string {
  const { lines, named } = secretsOf(configs);
  const anywhere = [...lines].filter(({ length }) => length >= shortestAnywhere).sort((a, b) => b.length - a.length);
  const redactLine = (line: string): string => {
    const [, before = "", content = ""] = /^([-+ ]?\s*)(.*)$/.exec(line) ?? [];
    if (lines.has(content.trim()) || named.has(content.trim())) return `${before}${redacted}`;
    const [, upToValue = "", key = ""] = keyedLine.exec(line) ?? [];
    if (key !== "" && (secretKey.test(key) || named.has(unquoted(line.slice(upToValue.length).trim()))))
      return `${upToValue}${redacted}`;
    const shown = anywhere.reduce((rest, secret) => rest.replaceAll(secret, redacted), line);
    return withoutKeys(withoutSecretArguments(shown.replace(address, withoutCredentials)));
  };
  return (text) => text.split("\n").map(redactLine).join("\n");
}

/** As `textRedactor`, for one text. */
export const redactText = (text: string, configs: readonly string[]): string => textRedactor(configs)(text);
