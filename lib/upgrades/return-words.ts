import type { SequenceCourse } from "./sequence-course";
import { installerExitSentence } from "./text";

/** Why a node is back in what it ran before. */
export type BadReturn =
  /** A task of its sequence failed; `at` says whether it was the installer. */
  | { kind: "failed"; at: SequenceCourse["at"]; phase: string | null; failure: string; console: readonly string[] }
  /** Its events, or the installer's stream, broke off in the middle without an error. */
  | { kind: "power-loss"; at: SequenceCourse["at"] }
  /** All was installed, and the new image did not get ready. */
  | { kind: "rolled-back" }
  /** Nobody was watching. */
  | { kind: "unseen" };

/** `error running phase 11 in upgrade sequence: task 1/1: failed, …` → what the task said. */
const ownWords = (failure: string): string =>
  failure
    .replace(/^sequence failed: /, "")
    .replace(/^error running phase \d+ in \w+ sequence: (task \d+\/\d+: failed, )?/, "");

const trouble = /fail|error|no space|denied|unable|refus|cannot|too (?:old|new)/i;

/** The console's own words for a failure, at most two lines; what the sequence's error says already is left out. */
function consoleWords(lines: readonly string[], failure: string): string {
  const told = lines.filter((line) => trouble.test(line) && !/\b(?:sequence|phase|task)\b/.test(line));
  const shown = [...new Set(told)].filter((line) => !failure.includes(line)).slice(-2);
  return shown.length > 0 ? ` Its console says: ${shown.map((line) => `“${line.slice(0, 200)}”`).join(" ")}` : "";
}

/** What a failed sequence says of itself, and what to do. `installer` is where Talos' own installer ended with an error. */
export function failureSentence({
  at,
  phase,
  failure,
  console,
}: Omit<Extract<BadReturn, { kind: "failed" }>, "kind">): string {
  const words = ownWords(failure).replace(/\.?$/, ".");
  const said = `${words}${consoleWords(console, failure)}`;
  if (at !== "installer") {
    const where = phase === null ? "" : ` in the phase ${phase}`;
    return `Its upgrade failed${where}, before anything was installed: ${said} See to what it names, then try again.`;
  }
  const exit = /exit code:? (\d+)/.exec(failure)?.[1];
  const meaning = exit === undefined ? "" : ` ${installerExitSentence(Number(exit))}`;
  return `The installer failed on the node: ${said}${meaning} See to what it names, then try again.`;
}

const lossWords: Record<SequenceCourse["at"], string> = {
  "not-begun": "before its upgrade began",
  "before-installer": "on the way to the installer, before anything was written",
  installer: "while the installer wrote the new image",
  installed: "after the installation",
};

/**
 * One sentence for each way back, with its remedy. `fellBack` = the sentence for a roll-back, `version` = what runs now. Pure.
 */
export function badReturnSentence(what: BadReturn, fellBack: string, version: string): string {
  switch (what.kind) {
    case "failed":
      return `${failureSentence(what)} It runs ${version}, as it was.`;
    case "power-loss":
      return `It went away ${lossWords[what.at]}, without a word of an error, and runs ${version} again, as it was: a loss of power, or a crash. See to its power supply (the log of its management controller may tell), then try again.`;
    case "rolled-back":
      return `${fellBack} The installer had succeeded: the new image did not start, or did not get ready. Watch its console during a boot of that image, or plan another release or schematic for it.`;
    case "unseen":
      return `${fellBack} What happened on the way was not seen, so it may as well be that its installer failed. Look at its console and its log before you plan it again.`;
  }
}
