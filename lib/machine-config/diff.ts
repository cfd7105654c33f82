import { isYamlSequence, type YamlMap, type YamlValue } from "@/lib/core/go-yaml";
import { shownText } from "@/lib/core/go-yaml-verbatim";
import { lineDiff, type DiffLine } from "@/lib/machine-config/diff-lines";
import {
  documentFinder,
  documentId,
  documentLabel,
  encodeMachineConfig,
  isYamlMap,
  parseMachineConfig,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import { redactDocuments, redacted, secretTexts } from "@/lib/machine-config/redact";

const changedSecret = `${redacted} (changed)`;

/** `after` with its documents and keys in the order of `before`, so that only what differs shows. */
function alignDocuments(
  before: readonly MachineConfigDocument[],
  after: readonly MachineConfigDocument[],
): MachineConfigDocument[] {
  const [inBefore, inAfter] = [documentFinder(before), documentFinder(after)];
  const kept = before.map(inAfter).filter((document) => document !== undefined);
  const added = after.filter((document) => !inBefore(document));
  return [...kept, ...added].map((document) => {
    const aligned = align(inBefore(document), document);
    return isYamlMap(aligned) ? aligned : document;
  });
}

function align(before: YamlValue | undefined, after: YamlValue): YamlValue {
  if (isYamlSequence(after))
    return after.map((item, index) => align(isYamlSequence(before) ? before[index] : undefined, item));
  if (!isYamlMap(after)) return after;
  const old: YamlMap = isYamlMap(before) ? before : {};
  const keys = [
    ...Object.keys(old).filter((key) => Object.hasOwn(after, key)),
    ...Object.keys(after).filter((key) => !Object.hasOwn(old, key)),
  ];
  return Object.fromEntries(keys.map((key) => [key, align(old[key], after[key] ?? null)]));
}

type Pair = { before: MachineConfigDocument[]; after: MachineConfigDocument[] };

/** Both configs without secrets; a secret that differs says so in the later one. */
function comparable(beforeText: string, afterText: string): Pair {
  const before = parseMachineConfig(beforeText, "The running config");
  const after = alignDocuments(before, parseMachineConfig(afterText, "The new config"));
  const known = secretTexts(before);
  const secrets = new Map<string, string>();
  const hide = (value: string, path: string) => {
    secrets.set(path, value);
    return redacted;
  };
  const hidden = redactDocuments(before, hide, known);
  const shown = redactDocuments(
    after,
    (value, path) => ((secrets.get(path) ?? value) === value ? redacted : changedSecret),
    known,
  );
  return { before: hidden, after: shown };
}

/**
 * What would change, as lines of a unified diff with three lines of context; empty when nothing does. Secrets are never in it: a secret that
 * differs shows as changed. Order of keys and comments do not count.
 *
 * @throws AppError `invalid-input` when either text is no machine config.
 */
export function diffMachineConfigs(beforeText: string, afterText: string): DiffLine[] {
  const { before, after } = comparable(beforeText, afterText);
  return lineDiff(encodeMachineConfig(before), encodeMachineConfig(after));
}

/** The same as sentences, one for each document or field that changes: "Sets machine.sysctls.vm.swappiness to 1." Without secrets. */
export function summariseDiff(beforeText: string, afterText: string): string[] {
  const { before, after } = comparable(beforeText, afterText);
  const [inBefore, inAfter] = [documentFinder(before), documentFinder(after)];
  const label = (document: MachineConfigDocument) => documentLabel(documentId(document));
  return [
    ...before.filter((document) => !inAfter(document)).map((document) => `Removes the document ${label(document)}.`),
    ...after.flatMap((document) => {
      const old = inBefore(document);
      if (!old) return [`Adds the document ${label(document)}.`];
      return changes(old, document, documentId(document).kind === "" ? "" : label(document));
    }),
  ];
}

const short = (value: YamlValue): string => {
  const text = typeof value === "string" ? shownText(value) : String(value);
  return text === "" ? "nothing" : text.length > 80 || text.includes("\n") ? "a longer text" : text;
};

function changes(before: YamlValue | undefined, after: YamlValue | undefined, path: string): string[] {
  if (isSame(before, after)) return [];
  if (isYamlMap(before) && isYamlMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      changes(before[key], after[key], path === "" ? shownText(key) : `${path}.${shownText(key)}`),
    );
  }
  if (after === undefined) return [`Removes ${path}.`];
  if (after === changedSecret) return [`Changes the secret ${path}.`];
  if (isYamlSequence(after)) {
    const count = isYamlSequence(before) ? before.length : 0;
    return [count === after.length ? `Changes ${path}.` : `Changes ${path} from ${count} to ${after.length} entries.`];
  }
  return [
    isYamlMap(after) || after === null
      ? `${before === undefined ? "Adds" : "Changes"} ${path}.`
      : `Sets ${path} to ${short(after)}.`,
  ];
}

function isSame(before: YamlValue | undefined, after: YamlValue | undefined): boolean {
  if (isYamlSequence(before) && isYamlSequence(after))
    return before.length === after.length && before.every((item, index) => isSame(item, after[index]));
  if (!isYamlMap(before) || !isYamlMap(after)) return Object.is(before, after);
  const keys = Object.keys(before);
  return (
    keys.length === Object.keys(after).length &&
    keys.every((key) => Object.hasOwn(after, key) && isSame(before[key], after[key]))
  );
}
