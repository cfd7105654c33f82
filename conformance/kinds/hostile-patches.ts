import { AppError } from "@/lib/core/errors";
import { applyPatches } from "@/lib/machine-config/patch";
import { versionContract } from "@/lib/machine-config/schema";
import type { Judge } from "../judge";
import type { Kind } from "../kind";
import type { Random } from "../random";
import { otherDocument } from "./document-kinds";
import type { Json } from "./hostile";
import { isAboutTypes, meaningDiffers } from "./hostile-configs";
import { HostileParts } from "./hostile-parts";
import { hostileYaml, scalar } from "./hostile-yaml";
import { legacyDocument } from "./legacy-document";
import { isStricterSince114, minors, unlike } from "./patches";

type Case = { config: Json[]; patches: Json[][]; cut: boolean };

const paths = [
  ["token", "type", "nodeLabels", "sysctls", "kubelet", "none"],
  ["a", "b", "0x10", "1", "true", "image", "extraConfig", "~1", "-", "0"],
];

/** JSON Patch operations, as one document that is a list. */
function operations(random: Random): Json[] {
  const path = () =>
    ["/machine", random.pick(paths[0] ?? []), ...(random.chance(0.5) ? [random.pick(paths[1] ?? [])] : [])].join("/");
  return random.list(2, (): Json => {
    const op = random.pick(["add", "replace", "replace", "test", "remove", "copy", "move"]);
    if (op === "remove") return { op, path: path() };
    return op === "copy" || op === "move"
      ? { op, from: path(), path: path() }
      : { op, path: path(), value: scalar(random) };
  });
}

/** Keys that become the same JSON key (`-0` and `-0.0`): Go takes the one that its map gives last, another each time. */
async function isUndecided(config: string, patches: string[], output: unknown, judge: Judge): Promise<boolean> {
  const again = await Promise.all(Array.from({ length: 12 }, () => judge.ask("patch", { config, patches })));
  return again.some((verdict) => verdict.output !== output);
}

/** Patched configs are the same to Talos, or refused by both: bare scalars in keys and values, JSON patches among them. */
export const hostilePatchesFor = (release: string): Kind<Case> => ({
  name: "hostile patches",
  cases: 1_000,
  make(random) {
    const minor = minors[release] ?? 14;
    const whole = new HostileParts(random, false, minor);
    const part = new HostileParts(random, true, minor);
    const json = random.chance(0.25);
    const config = unlike([legacyDocument(whole), ...(json ? [] : random.list(3, () => otherDocument(whole)))]);
    const strategic = () => [legacyDocument(part), ...(json ? [] : random.list(2, () => otherDocument(part)))];
    const patches = json
      ? [[operations(random)], ...random.list(1, strategic)]
      : [strategic(), ...random.list(1, strategic)];
    return { config: config as Json[], patches: patches as Json[][], cut: random.chance(0.3) };
  },
  async differs(made, judge) {
    if ([made.config, ...made.patches].some((documents) => documents.length === 0)) throw new Error("No case: empty.");
    const config = hostileYaml(made.config, false);
    const patches = made.patches.map((documents) => hostileYaml(documents, made.cut));
    if ((await judge.ask("canonical", { config })).refusal !== undefined) return null;
    const { output, refusal } = await judge.ask("patch", { config, patches });
    let ours: string;
    try {
      ours = applyPatches(config, patches, { contract: versionContract.parse(release) });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // Talos panics as soon as it copies such a part; Ichor says so at once.
      if (/which Talos cannot patch/.test(error.message)) return null;
      if (refusal !== undefined || (release !== "1.14" && isStricterSince114(error.message))) return null;
      // Before 1.14 a patch by JSON is not looked at again; the node refuses what it leaves.
      const { refusal: later } = await judge.ask("canonical", { config: String(output) });
      return later === undefined ? `only Ichor refuses: ${error.message}` : null;
    }
    // A patch that says nothing is nothing to Ichor, and refused by Talos (docs/conformance.md).
    if (refusal === "config not found") return null;
    // The library itself fails, as before 1.14 on an empty value over one that is there: that says nothing of the patch.
    if (refusal?.startsWith("PANIC: reflect:")) return null;
    if (refusal !== undefined)
      return isAboutTypes(refusal) || !/error decoding/.test(refusal) ? `only Talos refuses: ${refusal}` : null;
    // Of what it has patched by its types, Talos gives the canonical form itself, before anything could be lost in its writing.
    if ((await judge.ask("canonical", { config: ours })).output === output) return null;
    const difference = await meaningDiffers(ours, String(output), judge);
    return difference !== null && (await isUndecided(config, patches, output, judge)) ? null : difference;
  },
});
