import { z } from "zod";
import { gpuVendors, proofLinkIds, proofStates, remedyAction } from "./schema";

const text = z.string().max(2_000);

/** One link as it was read, whatever the others are. */
export const linkReading = z.object({
  id: z.enum(proofLinkIds),
  state: z.enum(proofStates),
  evidence: text,
  /** Single things that held, by names that a restart does not change: `nvidia_uvm`, `renderD*`. */
  held: z.array(text).max(200),
  why: text.nullable(),
  remedy: z.object({ sentence: text, action: remedyAction }).nullable(),
});
export type LinkReading = z.infer<typeof linkReading>;

/** One card with all eight links. */
export const cardReading = z.object({
  pciAddress: z.string().max(80),
  vendor: z.enum(gpuVendors),
  /** `10de:2684` */
  ids: z.string().max(20),
  model: z.string().max(120),
  /** Driver that it was judged by; null where none is known for it. */
  driver: z.string().max(40).nullable(),
  links: z.array(linkReading).max(20),
});
export type CardReading = z.infer<typeof cardReading>;

/** What became of a link from one reading to the next. */
export const linkChanges = [
  /** Held before, holds now. */
  "kept",
  /** Held before, and holds no more. */
  "lost",
  /** Did not hold before, holds now. */
  "gained",
  /** Did not hold before, and does not now. */
  "still-broken",
  /** Held before, and could not be read now. */
  "unread",
  /** Held before; the new image leaves the card without this on purpose. */
  "given-up",
  /** The new image brings the driver, and this link of it does not hold. */
  "not-brought",
  /** Nothing to say: not asked for, or not known before either. */
  "none",
] as const;
export type LinkChange = (typeof linkChanges)[number];

const side = z.object({ state: z.enum(proofStates), evidence: text });
export const linkComparison = z.object({
  id: z.enum(proofLinkIds),
  title: z.string(),
  change: z.enum(linkChanges),
  before: side.nullable(),
  after: side.nullable(),
  /** One sentence; empty where nothing has changed. */
  detail: text,
});
export type LinkComparison = z.infer<typeof linkComparison>;

/** A card before and after, as an upgrade's proof tells it. */
export const cardComparison = z.object({
  pciAddress: z.string().max(80),
  vendor: z.enum(gpuVendors),
  model: z.string().max(120),
  links: z.array(linkComparison).max(20),
  /** Lines of the kernel log about the card and its driver, verbatim and capped. */
  lines: z.array(text).max(20),
  remedy: z.object({ sentence: text, action: remedyAction }).nullable(),
});
export type CardComparison = z.infer<typeof cardComparison>;
