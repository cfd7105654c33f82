import { z } from "zod";

/** Stages that pass by themselves. */
export const passingStages = ["booting", "installing", "rebooting", "shutting-down", "resetting", "upgrading"] as const;
export type PassingStage = (typeof passingStages)[number];

export const failedVolume = z.object({ id: z.string(), error: z.string() });

/** What keeps a node in a passing stage, in Talos' own words. */
export const holder = z.object({
  kind: z.enum(["volume", "service", "condition"]),
  name: z.string(),
  message: z.string(),
});
export type Holder = z.infer<typeof holder>;

export const passing = z.object({
  stage: z.enum(passingStages),
  sinceMs: z.number(),
  /** The longest that the stage takes where nothing is wrong. */
  limitMs: z.number(),
  /** `slow`: not over the limit yet, and held by something that has a name. */
  late: z.enum(["no", "slow", "overdue"]),
  holders: z.array(holder),
  /** When Talos gives up the boot and reboots; null where it does not, or when is not known. */
  rebootsAtMs: z.number().nullable(),
});
export type Passing = z.infer<typeof passing>;
