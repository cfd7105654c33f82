import type { NodeReading } from "./ports";
import type { RunNodeRecord } from "./records";

export type NodeVerdict =
  /** As the plan found it. */
  | "untouched"
  /** It runs the target, and not through this run. */
  | "already-there"
  /** Somebody else changed it since the plan. */
  | "moved"
  /** Our installer ran, or may have, and the node has not restarted since. */
  | "same-boot"
  /** It restarted into the target. */
  | "returned"
  /** It restarted into what it was. */
  | "rolled-back";

type Row = Pick<RunNodeRecord, "fromVersion" | "toVersion" | "fromSchematicId" | "toSchematicId" | "installBootId">;
type Reading = Pick<NodeReading, "version" | "schematicId" | "bootId">;

/**
 * Is it the image that the run wants? A node that does not name its schematic is judged by its version, and by its extensions
 * in the proof; where the version stays, it runs no image of a factory, and so not the one that is wanted.
 */
export const runsTarget = (row: Row, { version, schematicId }: Reading): boolean =>
  version === row.toVersion &&
  (schematicId === null ? row.fromVersion !== row.toVersion : schematicId === row.toSchematicId);

/**
 * Where a node stands, told from what it says itself and from the boot in which our installer was started. This is what a
 * runner that takes over relies on; the journal only says what was tried.
 */
export function judgeNode(row: Row, reading: Reading): NodeVerdict {
  const onTarget = runsTarget(row, reading);
  if (row.installBootId !== null) {
    if (reading.bootId === row.installBootId) return "same-boot";
    return onTarget ? "returned" : "rolled-back";
  }
  if (onTarget) return "already-there";
  const asPlanned =
    reading.version === row.fromVersion &&
    (row.fromSchematicId === null || reading.schematicId === null || reading.schematicId === row.fromSchematicId);
  return asPlanned ? "untouched" : "moved";
}

/** Sentence for a node that fell back. */
export const rolledBackSentence = (row: Row, reading: Reading): string =>
  `It came back on ${reading.version}${reading.version === row.toVersion ? " with its old schematic" : ""}: Talos fell back to the image that worked. It is not tried again, since a second attempt would overwrite that image.`;
