import { AppError } from "@/lib/core/errors";
import { markHint, markWords, templateMarks, unrenderedMark, type UnrenderedMark } from "@/lib/core/unrendered/marks";
import { structureLines, type StructureLine } from "@/lib/core/unrendered/structure-lines";

/** A mark and where it stands; `line` counts from 1. */
export type TextMark = { line: number; mark: UnrenderedMark };

const template = (line: number, mark: string): TextMark => ({ line, mark: { kind: "template", mark } });
const writtenAsComment = (mark: string): boolean => mark.startsWith("#");

const marksOf = (text: string, wanted: (mark: string) => boolean): string[] =>
  templateMarks.filter(([pattern, mark]) => wanted(mark) && pattern.test(text)).map(([, mark]) => mark);

/** Where a value begins with `{{`, YAML reads a mapping whose key is a mapping: no scalar shows it afterwards. */
const atValue = /(?:^\s*|^\s*(?:-\s+)+|:\s+|[[,]\s*)\{\{[^\n]*?\}\}/;

function swallowedIn({ number, bare, raw, comment }: StructureLine): TextMark[] {
  const marks = marksOf(comment ? raw : bare, writtenAsComment);
  if (!comment && atValue.test(bare)) marks.unshift("{{ … }}");
  return marks.map((mark) => template(number, mark));
}

const blockingIn = ({ number, bare, comment }: StructureLine): TextMark[] =>
  comment ? [] : marksOf(bare, (mark) => !writtenAsComment(mark)).map((mark) => template(number, mark));

/**
 * Marks that a YAML reader takes for something else, so that they are in no value: a comment (`#{ name }#`), or a mapping as key of
 * a mapping (`- {{ name }}`). For every text, also one that can be read.
 */
function swallowedMarks(text: string): TextMark[] {
  if (!text.includes("{{") && !text.includes("}#") && !text.includes("%#")) return [];
  return [...structureLines(text)].flatMap(swallowedIn);
}

/** Why a text is no YAML, where marks of a template are the cause: marks in the structure, else any on the line of the error. */
function blockingMarks(text: string, errorLine: number): TextMark[] {
  const lines = [...structureLines(text)];
  const found = lines.flatMap((line) => [...swallowedIn(line), ...blockingIn(line)]);
  if (found.length > 0) return found.sort((left, right) => left.line - right.line);
  for (const { number, raw, comment } of lines) {
    const mark = comment || number > errorLine || number < errorLine - 1 ? null : unrenderedMark(raw);
    if (mark) return [{ line: number, mark }];
  }
  return [];
}

function unreadable([first, ...rest]: readonly TextMark[], what: string): AppError | null {
  if (!first) return null;
  const { line, mark } = first;
  if (mark.kind !== "template") {
    return new AppError("invalid-input", `${what} cannot be read: on line ${line} ${markWords(mark)}.`, {
      hint: markHint(mark),
    });
  }
  const marks = new Set([first, ...rest].map((one) => one.mark.mark));
  return new AppError(
    "invalid-input",
    `${what} is a template: line ${line} holds template marks (${[...marks].join(", ")}); render it first.`,
    { hint: markHint(mark) },
  );
}

/**
 * Why a text that a YAML reader accepted is a template all the same, or null.
 *
 * @param what begins the sentence: "The patch".
 */
export const templateRefusal = (text: string, what: string): AppError | null => unreadable(swallowedMarks(text), what);

/**
 * Why a text cannot be read, where a tool that was not run is the cause, or null: then the reader's own sentence stands.
 *
 * @param errorLine where the YAML reader stopped, from 1.
 */
export const unrenderedRefusal = (text: string, what: string, errorLine: number): AppError | null =>
  unreadable(blockingMarks(text, errorLine), what);
