import { stringify } from "yaml";
import { AppError } from "@/lib/core/errors";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { applyPatches } from "@/lib/machine-config/patch";
import { versionContract } from "@/lib/machine-config/schema";
import { ConfigParts } from "./config-parts";
import { otherDocument } from "./document-kinds";
import type { Kind } from "../kind";
import { legacyDocument } from "./legacy-document";
import type { Random } from "../random";

type Case = { config: unknown[]; patches: unknown[][] };

export const minors: Record<string, number> = { "1.12": 12, "1.13": 13, "1.14": 14 };
const text = (documents: readonly unknown[]) =>
  documents.map((document) => stringify(document, { lineWidth: 0 })).join("---\n");

/** One document of each kind and name. */
export function unlike(documents: Record<string, unknown>[]): Record<string, unknown>[] {
  const seen = new Set<string>();
  return documents.filter(({ kind, name }) => {
    const key = `${String(kind)}/${String(name)}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function patch(random: Random, minor: number): unknown[] {
  const parts = new ConfigParts(random, true, minor);
  const documents = [
    ...(random.chance(0.7) ? [legacyDocument(parts)] : []),
    ...random.list(3, () => otherDocument(parts)),
  ];
  // An empty patch is nothing to Ichor and a refusal to Talos, on purpose (docs/conformance.md).
  return documents.length > 0 ? documents : [{ machine: {} }];
}

/** What a value says: Talos writes no zero values, and a list keeps its places. */
function meaning(value: unknown): unknown {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return undefined;
  if (Array.isArray(value)) return value.length > 0 ? value.map((item) => meaning(item) ?? null) : undefined;
  if (typeof value !== "object") return value;
  const members = Object.entries(value)
    .map(([key, item]) => [key, meaning(item)] as const)
    .filter(([, item]) => item !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return members.length > 0 ? Object.fromEntries(members) : undefined;
}
const meaningOf = (config: string) => JSON.stringify(parseMachineConfig(config).map(meaning));

/** A config that the library cannot even load says nothing about patching it: Ichor judges those elsewhere. */
const isAboutLoading = (refusal: string) =>
  /error decoding|unknown keys|decode error|yaml|^config not found$/.test(refusal);

/**
 * Ichor patches by the rules of 1.14 whatever release the config is for: there a deletion that finds nothing, and a document that
 * a patch has twice, are refused, where older libraries passed over them.
 */
export const isStricterSince114 = (message: string) =>
  /which the config does not have|has the document \S+ twice/.test(message);

export const patchesFor = (release: string): Kind<Case> => {
  const minor = minors[release] ?? 14;
  return {
    name: "patches",
    cases: 1_500,
    make(random) {
      const parts = new ConfigParts(random, false, minor);
      const config = unlike([legacyDocument(parts), ...random.list(5, () => otherDocument(parts))]);
      return { config, patches: [patch(random, minor), ...random.list(1, () => patch(random, minor))] };
    },
    async differs(made, judge) {
      if ([made.config, ...made.patches].some((documents) => documents.length === 0))
        throw new Error("No case: empty.");
      const config = text(made.config);
      const patches = made.patches.map(text);
      const { output, refusal } = await judge.ask("patch", { config, patches });
      let ours: string;
      try {
        ours = applyPatches(config, patches, { contract: versionContract.parse(release) });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (refusal !== undefined || (minor < 14 && isStricterSince114(error.message))) return null;
        return `only Ichor refuses: ${error.message}`;
      }
      if (refusal !== undefined) return isAboutLoading(refusal) ? null : `only Talos refuses: ${refusal}`;
      const theirs = meaningOf(String(output));
      const said = meaningOf(ours);
      return said === theirs ? null : `Ichor ${said}\nTalos ${theirs}`;
    },
  };
};
