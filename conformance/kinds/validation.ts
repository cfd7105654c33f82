import { emitGoYamlDocuments, type YamlMap } from "@/lib/core/go-yaml";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { machineRole, versionContract, type VersionContract } from "@/lib/machine-config/schema";
import { validateConfigText } from "@/lib/machine-config/validate";
import { generateMachineConfigText } from "@/lib/machine-config/generate";
import type { AnyKind } from "../kind";
import type { Judge } from "../judge";
import { Random } from "../random";
import { anyDocument, anySections } from "./any-document";
import { bundleAt } from "./bundles";

/** Of what the library refuses, this part has to be refused by Ichor, too. */
const leastCaught = 0.98;
const cases = 1_000;
const shown = 5;

async function madeConfig(random: Random, contract: VersionContract): Promise<string> {
  const role = random.pick(machineRole.options);
  const cluster = { name: "lab", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.35.3" };
  const node = { installDisk: "/dev/sda", installImage: "factory.talos.dev/metal-installer/a:v1.12.0" };
  const base = parseMachineConfig(
    generateMachineConfigText({ bundle: await bundleAt(2), cluster, role, contract, node }),
  );
  const [legacy = {}, ...others] = base;
  const sections = random.chance(0.4) ? anySections(random, contract) : { machine: {}, cluster: {} };
  const over = (part: unknown, members: object) => ({ ...(part as object), ...members }) as YamlMap;
  const documents = [
    { ...legacy, machine: over(legacy.machine, sections.machine), cluster: over(legacy.cluster, sections.cluster) },
  ];
  const added = random.chance(0.8) ? [anyDocument(random, contract) as YamlMap] : [];
  return emitGoYamlDocuments([...documents, ...others, ...added]);
}

/** Null where the library itself fails on the config, as older ones do on a null in a list: that says nothing. */
async function talosErrors(judge: Judge, config: string): Promise<string[] | null> {
  const { output, refusal } = await judge.ask("verdict", { config, mode: "metal" });
  if (refusal !== undefined) {
    if (refusal.startsWith("PANIC")) return null;
    throw new Error(`The judge refused: ${refusal}`);
  }
  const { loading, errors = [] } = output as { loading?: string; errors?: string[] };
  return loading === undefined ? errors : [loading];
}

/**
 * Generated configs with a document of any kind, and sections of the v1alpha1 document, that are right or wrong by chance: what Talos takes,
 * Ichor's checks take, and what Talos refuses, they refuse.
 */
export const validationFor = (release: string): AnyKind => ({
  name: "validation",
  async run({ judge, seed, long, say }) {
    const contract = versionContract.parse(release);
    const count = cases * (long ? 20 : 1);
    const tally = { refused: 0, missed: 0, wrong: 0 };
    for (let index = 0; index < count; index++) {
      const config = await madeConfig(new Random(seed + index), contract);
      const errors = validateConfigText(config, { contract }).filter(({ severity }) => severity === "error");
      const reasons = await talosErrors(judge, config);
      if (reasons === null) continue;
      if (reasons.length > 0) tally.refused += 1;
      if (reasons.length > 0 === errors.length > 0) continue;
      if (errors.length > 0) tally.wrong += 1;
      else tally.missed += 1;
      if (tally.wrong + tally.missed <= shown)
        say(
          errors.length > 0
            ? `validation (${release}), seed ${seed + index}: only Ichor refuses: ${errors.map(({ path, message }) => `${path}: ${message}`).join(" | ")}`
            : `validation (${release}), seed ${seed + index}: only Talos refuses: ${reasons.join(" | ")}`,
        );
    }
    say(
      `validation (${release}): ${tally.refused} of ${count} refused by Talos, ${tally.missed} of them not by Ichor; ${tally.wrong} refused by Ichor alone`,
    );
    const tooMany = tally.missed > tally.refused * (1 - leastCaught);
    return { cases: count, disagreements: tally.wrong + (tooMany ? tally.missed : 0) };
  },
});
