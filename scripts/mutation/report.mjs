import path from "node:path";
import { root } from "../root.mjs";

/** The least score of an area that is not critical, in percent. */
const leastScore = 85;
const noticed = new Set(["Killed", "Timeout"]);
const unnoticed = new Set(["Survived", "NoCoverage"]);

const placeOf = ({ fileName, location }) =>
  `${path.relative(root, path.resolve(root, fileName))}:${location.start.line}:${location.start.column}`;
const oneLine = (text) => text.replace(/\s+/g, " ").slice(0, 160);

/**
 * The score in percent and what survived. Mutants that do not run at all are left out of it, and so are those that a comment
 * disables with its reason.
 *
 * @param {readonly { status: string }[]} mutants
 */
export function scoreOf(mutants) {
  const [killed, survived] = [noticed, unnoticed].map((set) => mutants.filter(({ status }) => set.has(status)));
  const judged = killed.length + survived.length;
  return { killed: killed.length, survived, percent: judged === 0 ? 100 : (100 * killed.length) / judged };
}

/** Says what was found in an area. @returns {boolean} whether its tests notice enough. */
export function report(name, critical, mutants, seconds) {
  const { killed, survived, percent } = scoreOf(mutants);
  const ignored = mutants.filter(({ status }) => status === "Ignored").length;
  for (const mutant of survived) {
    const seen = mutant.status === "NoCoverage" ? "no test runs it" : "survived";
    console.log(`${placeOf(mutant)} ${mutant.mutatorName} (${seen}): ${oneLine(mutant.replacement ?? "")}`);
  }
  console.log(
    `${name}: ${percent.toFixed(1)} % (${killed} noticed, ${survived.length} not, ${ignored} left out), ${Math.round(seconds)} s\n`,
  );
  return critical ? survived.length === 0 : percent >= leastScore;
}
