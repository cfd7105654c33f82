import { z } from "zod";

const sentence = z.string();

/**
 * A step that mends what is wrong with a node, as data: pages, plans and scripts offer the same one. `sentence` says what the step
 * does or needs; of `by-hand` it says why Ichor cannot do it and what a person does.
 */
export const remedy = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("assign-profile"), sentence, profileIds: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal("apply-config"), sentence }),
  /** What runs becomes what is recorded. */
  z.object({ kind: z.literal("record-running"), sentence }),
  /** Into the image of the recorded schematic. */
  z.object({ kind: z.literal("upgrade"), sentence }),
  /** Installs the image that runs once more. */
  z.object({ kind: z.literal("repair"), sentence }),
  z.object({ kind: z.literal("upgrade-talos"), sentence }),
  z.object({ kind: z.literal("reboot"), sentence }),
  z.object({ kind: z.literal("open-kernel-log"), sentence }),
  z.object({ kind: z.literal("open-services"), sentence }),
  z.object({ kind: z.literal("open-run"), sentence, runId: z.string() }),
  z.object({ kind: z.literal("install-add-on"), sentence, profileId: z.string().nullable() }),
  z.object({ kind: z.literal("adopt"), sentence }),
  z.object({ kind: z.literal("bootstrap"), sentence, clusterId: z.string() }),
  z.object({ kind: z.literal("renew-credentials"), sentence, clusterId: z.string() }),
  z.object({ kind: z.literal("replace-machine"), sentence }),
  z.object({ kind: z.literal("by-hand"), sentence }),
]);
export type Remedy = z.infer<typeof remedy>;
export type RemedyKind = Remedy["kind"];
