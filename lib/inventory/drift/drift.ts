import type { NodeFacts } from "../facts";
import type { NodeRecord } from "../node-state";
import { judgeInstallImage, schematicOfImage, shortId } from "./install-image";
import type { ConfigReading, ConfigView } from "./schema";

type KnownConfig = Extract<ConfigView, { state: "known" }>;

type Recorded = Pick<NodeRecord, "schematicId" | "installImage" | "configHash">;

/** Does another schematic run than the recorded one? Null where one of the two is not known. */
const schematicDiffers = (facts: NodeFacts, { schematicId }: Recorded): boolean | null =>
  facts.runningSchematicId === null || schematicId === null ? null : facts.runningSchematicId !== schematicId;

/**
 * Where what runs, what is recorded and what the node's own config would install differ, one sentence each. Nothing is said of what is
 * not known. A config that installs an older release of the same schematic is no drift: Talos leaves it so at each upgrade.
 */
export function driftOf(facts: NodeFacts, record: Recorded): string[] {
  if (facts.stage === "maintenance") return [];
  const drift: string[] = [];
  const { runningSchematicId: running, config } = facts;
  const recorded = record.schematicId;
  const moved = schematicDiffers(facts, record) === true;
  if (moved && running && recorded) {
    drift.push(
      `Schematic ${shortId(running)} runs, ${shortId(recorded)} is recorded: an upgrade installs the recorded one.`,
    );
  }
  if (config?.installImage != null) {
    // Where a change of schematic is under way, a config that is there already is no second drift.
    const arrived = moved && schematicOfImage(config.installImage) === recorded;
    if (!arrived) drift.push(...judgeInstallImage(config.installImage, config.installExtensions, facts).sentences);
  }
  return drift;
}

function originOf({ hash, staged }: ConfigReading, { configHash: applied }: Recorded): KnownConfig["origin"] {
  if (hash === null) return null;
  if (applied === null) return "never-applied";
  if (applied === hash) return "as-applied";
  return staged?.hash === applied ? "staged" : "changed";
}

/** The node's config beside what runs and what is recorded. */
export function configViewOf(facts: NodeFacts, record: Recorded): ConfigView {
  const { config, configUnread } = facts;
  if (facts.stage === "maintenance") return { state: "unknown", reason: "The machine has no config yet." };
  if (config === null) return { state: "unknown", reason: configUnread ?? "It was not read yet." };
  const image = config.installImage;
  const verdict = image === null ? null : judgeInstallImage(image, config.installExtensions, facts);
  return {
    state: "known",
    readAtMs: config.atMs,
    installImage: image,
    installSchematicId: image === null ? null : schematicOfImage(image),
    installExtensions: config.installExtensions,
    differs: verdict?.differs ?? null,
    loses: verdict?.loses ?? [],
    origin: originOf(config, record),
    staged: config.staged,
  };
}
