import { z } from "zod";

/** The steps of a node's guided change, in order. */
export const changeStepIds = ["profile", "config", "upgrade", "proof"] as const;
export type ChangeStepId = (typeof changeStepIds)[number];

export const changeStepStates = [
  /** It is so, as was read or recorded. */
  "done",
  /** Not part of this node's change. */
  "not-needed",
  /** What is to be done now. */
  "current",
  /** An upgrade run is at work on it. */
  "working",
  /** It comes after the current one. */
  "later",
  /** It cannot be done, and the sentence says why. */
  "refused",
  /** It could not be read whether it is done. */
  "unknown",
] as const;
export type ChangeStepState = (typeof changeStepStates)[number];

export const changeStep = z.object({
  id: z.enum(changeStepIds),
  state: z.enum(changeStepStates),
  sentence: z.string(),
});
export type ChangeStep = z.infer<typeof changeStep>;
