import { z } from "zod";

export const adoptionStepIds = ["config", "install", "reboot", "join", "proof"] as const;

export const adoptionStep = z.object({
  id: z.enum(adoptionStepIds),
  title: z.string(),
  state: z.enum(["done", "now", "waiting", "failed"]),
  /** What is under way, or what stands against it; null where there is nothing to add. */
  detail: z.string().nullable(),
});
export type AdoptionStep = z.infer<typeof adoptionStep>;

/** A machine on its way from its first config to a proven node. */
export const adoptionView = z.object({ startedAtMs: z.number(), joined: z.boolean(), steps: z.array(adoptionStep) });
export type AdoptionView = z.infer<typeof adoptionView>;
