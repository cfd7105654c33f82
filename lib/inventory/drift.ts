import { parseInstallerImage } from "@/lib/image-factory/asset-urls";
import type { NodeFacts } from "./facts";
import type { NodeRecord } from "./node-state";

export const shortId = (id: string): string => (id.length > 12 ? `${id.slice(0, 12)}…` : id);

/**
 * Where what runs, what is recorded and what the node would install differ, one sentence each. Nothing is said of what is
 * not known.
 */
export function driftOf(facts: NodeFacts, record: Pick<NodeRecord, "schematicId" | "installImage">): string[] {
  const drift: string[] = [];
  const running = facts.runningSchematicId;
  const recorded = record.schematicId;
  if (running && recorded && running !== recorded) {
    drift.push(
      `Schematic ${shortId(running)} runs, ${shortId(recorded)} is recorded: an upgrade installs the recorded one.`,
    );
  }
  const configured = facts.configuredInstallImage ?? record.installImage;
  const parts = configured ? parseInstallerImage(configured) : null;
  if (parts && recorded && parts.schematicId !== recorded) {
    drift.push(
      `The install image has schematic ${shortId(parts.schematicId)}, ${shortId(recorded)} is recorded: a plain upgrade would lose its extensions.`,
    );
  }
  if (facts.configuredInstallImage && record.installImage && facts.configuredInstallImage !== record.installImage) {
    drift.push("The install image in the node's config is not the recorded one: apply the config again.");
  }
  return drift;
}
