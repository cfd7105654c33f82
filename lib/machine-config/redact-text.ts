import { parseMachineConfig } from "@/lib/machine-config/documents";
import { redactDocuments, redacted, withoutCredentials } from "@/lib/machine-config/redact";

const secretLine =
  /^(\s*[-+ ]?\s*(?:- )?[\w.-]*(?:key|token|secret|password|passphrase|auth|content|contents)"?:\s*)\S.*$/i;
const longBase64 = /[A-Za-z0-9+/=]{60,}/g;
/** A schematic ID or a digest in an image's name, and the words between the slashes around it. */
const plainSegment = /^(?:[0-9a-f]{64}|[a-z0-9]{0,24})$/;
/** Shorter texts stand in too many places to be taken out wherever they do. */
const shortestAnywhere = 8;

/** Every line of every secret in the configs. */
function secretLines(configs: readonly string[]): Set<string> {
  const lines = new Set<string>();
  for (const config of configs) {
    redactDocuments(parseMachineConfig(config), (value) => {
      for (const line of value.split("\n")) if (line.trim() !== "") lines.add(line.trim());
      return redacted;
    });
  }
  return lines;
}

const withoutKeys = (text: string): string =>
  text.replace(longBase64, (run) => (run.split("/").every((part) => plainSegment.test(part)) ? run : redacted));

/**
 * What a node says of a config (its diff of a dry run, the reason of a refusal) without the config's secrets. They are taken
 * out by their value, since a diff may begin in the middle of a file; what looks like one goes as well.
 *
 * @param configs the configs that the text may speak of. @throws AppError `invalid-input` for one that is none.
 */
export function redactText(text: string, configs: readonly string[]): string {
  const secrets = secretLines(configs);
  const anywhere = [...secrets].filter(({ length }) => length >= shortestAnywhere).sort((a, b) => b.length - a.length);
  const redactLine = (line: string): string => {
    const [, before = "", content = ""] = /^([-+ ]?\s*)(.*)$/.exec(line) ?? [];
    if (secrets.has(content.trim())) return `${before}${redacted}`;
    const shown = anywhere.reduce((rest, secret) => rest.replaceAll(secret, redacted), line);
    return withoutKeys(withoutCredentials(shown.replace(secretLine, `$1${redacted}`)));
  };
  return text.split("\n").map(redactLine).join("\n");
}
