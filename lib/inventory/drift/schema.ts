import { z } from "zod";

const names = z.array(z.string());

/** A change that lies on the node's disk and counts from its next boot: what differs from the config that runs, without secrets. */
export const stagedConfig = z.object({
  /** When it was staged; null where the node does not say. */
  sinceMs: z.number().nullable(),
  summary: names,
  installImage: z.string().nullable(),
  /** sha256 of its documents; null where it was read by an older Ichor. */
  hash: z.string().nullable().default(null),
});
export type StagedConfig = z.infer<typeof stagedConfig>;

/** What was read of a node's own machine config, without its secrets. */
export const configReading = z.object({
  atMs: z.number(),
  /** The image that a reinstall uses; null = the config names none. */
  installImage: z.string().nullable(),
  /** Extensions in that image, `siderolabs/amdgpu`; null = not known here. */
  installExtensions: names.nullable(),
  /** sha256 of its documents; null where only the install image was told (`UnattendedInstallStatuses`). */
  hash: z.string().nullable(),
  staged: stagedConfig.nullable(),
});
export type ConfigReading = z.infer<typeof configReading>;

/**
 * Whether the config that runs is the one that Ichor applied last; `staged` = that one waits for the next boot, and of the one that
 * runs nothing is recorded any more. Null = not known.
 */
export const configOrigins = ["as-applied", "staged", "changed", "never-applied"] as const;

/** The node's own config as people see it, beside what runs and what is recorded. */
export const configView = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("known"),
    readAtMs: z.number(),
    installImage: z.string().nullable(),
    /** Null for an image that is no Image Factory's. */
    installSchematicId: z.string().nullable(),
    installExtensions: names.nullable(),
    /** Would a reinstall bring another image than the one that runs? Null = it cannot be told. */
    differs: z.boolean().nullable(),
    /** Extensions that run and that a reinstall would lose. */
    loses: names,
    origin: z.enum(configOrigins).nullable(),
    staged: stagedConfig.nullable(),
  }),
  z.object({ state: z.literal("unknown"), reason: z.string() }),
]);
export type ConfigView = z.infer<typeof configView>;
