import { AppError } from "@/lib/core/errors";
import { configTrees, encodeMachineConfig } from "@/lib/machine-config/documents";
import { readDocument } from "@/lib/machine-config/decode/decode-document";
import { versionContract } from "@/lib/machine-config/schema";
import type { Judge } from "../judge";
import type { Kind } from "../kind";
import { otherDocument } from "./document-kinds";
import type { Json } from "./hostile";
import { HostileParts } from "./hostile-parts";
import { hostileYaml } from "./hostile-yaml";
import { legacyDocument } from "./legacy-document";
import { minors, unlike } from "./patches";

type Case = { documents: Json[]; cut: boolean };

/** The first line in which what Talos makes of two texts differs, or null; a refusal of the one that only Ichor wrote differs too. */
export async function meaningDiffers(ours: string, theirs: string, judge: Judge): Promise<string | null> {
  const left = await judge.ask("canonical", { config: ours });
  const right = await judge.ask("canonical", { config: theirs });
  if (right.refusal !== undefined)
    return left.refusal === undefined ? `only Talos' text is refused: ${right.refusal}` : null;
  if (left.refusal !== undefined) {
    // A text and a number as keys that look the same: Talos cannot read what it writes of that itself.
    const again = await judge.ask("canonical", { config: String(right.output) });
    return again.refusal === undefined ? `Talos refuses what Ichor writes: ${left.refusal}` : null;
  }
  const [one, other] = [String(left.output).split("\n"), String(right.output).split("\n")];
  const at = one.findIndex((line, index) => line !== other[index]);
  if (at < 0 && one.length === other.length) return null;
  // Keys that Go cannot order (two dates): it writes such a map in another way each time.
  const again = await Promise.all(Array.from({ length: 12 }, () => judge.ask("canonical", { config: theirs })));
  if (again.some(({ output }) => output !== right.output)) return null;
  return `Ichor means ${JSON.stringify(one[at < 0 ? other.length : at])}, Talos ${JSON.stringify(other[at < 0 ? one.length : at])}`;
}

/** A config that Ichor reads and writes is to Talos what it was before. */
export const hostileConfigsFor = (release: string): Kind<Case> => ({
  name: "hostile configs",
  cases: 1_000,
  make(random) {
    const parts = new HostileParts(random, false, minors[release] ?? 14);
    const documents = unlike([legacyDocument(parts), ...random.list(4, () => otherDocument(parts))]);
    return { documents: documents as Json[], cut: random.chance(0.2) };
  },
  async differs({ documents, cut }, judge) {
    const config = hostileYaml(documents, cut);
    const { refusal } = await judge.ask("canonical", { config });
    let ours: string;
    try {
      const read = configTrees(config).map((tree) => readDocument(tree, versionContract.parse(release), "The config"));
      const issue = read.flatMap(({ issues }) => issues)[0];
      if (issue) return refusal === undefined ? `only Ichor refuses: ${issue.path.join(".")}: ${issue.problem}` : null;
      ours = encodeMachineConfig(read.map(({ document }) => document));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return refusal === undefined ? `only Ichor refuses: ${error.message}` : null;
    }
    if (refusal !== undefined) return isAboutTypes(refusal) ? `only Talos refuses: ${refusal}` : null;
    return meaningDiffers(ours, config, judge);
  },
});

/** What else Talos refuses as it loads (a value that an address cannot have, null in a list) is not for reading to find. */
export const isAboutTypes = (refusal: string): boolean =>
  /cannot (?:construct|unmarshal)|anchor|merge|binary/.test(refusal) && !/TextUnmarshaler/.test(refusal);
