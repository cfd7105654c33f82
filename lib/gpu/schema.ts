import { z } from "zod";

export const gpuVendors = ["nvidia", "amd", "intel", "other"] as const;
export type GpuVendor = (typeof gpuVendors)[number];

/** One GPU as its node reports it on the PCI bus. */
export const gpuDevice = z.object({
  /** PCI address, `0000:41:00.0`. */
  pciAddress: z.string(),
  vendor: z.enum(gpuVendors),
  /** Lower-case hex without 0x: `10de`, `1b06`. */
  vendorId: z.string(),
  deviceId: z.string(),
  /** Marketing name, short: `GTX 1080 Ti`. */
  model: z.string(),
  /** `Pascal`, `RDNA 3`, `Alchemist`…; null where unknown. */
  generation: z.string().nullable(),
  /** Chip where known: `GP102`. */
  chip: z.string().nullable(),
  /** Kernel driver bound to it, as far as the node says. */
  driver: z.string().nullable(),
});
export type GpuDevice = z.infer<typeof gpuDevice>;

export const proofLinkIds = [
  "pci",
  "profile",
  "schematic",
  "extensions",
  "modules",
  "driver",
  "device-nodes",
  "allocatable",
] as const;
export type ProofLinkId = (typeof proofLinkIds)[number];

export const proofStates = ["proven", "broken", "unknown", "not-reached", "not-applicable"] as const;
export type ProofState = (typeof proofStates)[number];

export const proofLink = z.object({
  id: z.enum(proofLinkIds),
  /** `Kernel modules live`. */
  title: z.string(),
  state: z.enum(proofStates),
  /** What the node says, short: `nvidia: not loaded`. */
  evidence: z.string(),
});
export type ProofLink = z.infer<typeof proofLink>;

/** What mends a broken link; `lib/inventory/remedies` says where on a node each is done. */
export const remedyAction = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("assign-profile"), profileId: z.string() }),
  /** Into the image of the recorded schematic. */
  z.object({ kind: z.literal("upgrade") }),
  /** The image that runs does not hold what its schematic says: the same one is installed again. */
  z.object({ kind: z.literal("repair") }),
  /** Only a newer Talos release has a driver for the card. */
  z.object({ kind: z.literal("upgrade-talos") }),
  z.object({ kind: z.literal("apply-config") }),
  z.object({ kind: z.literal("reboot") }),
  z.object({ kind: z.literal("kernel-log") }),
  z.object({ kind: z.literal("services") }),
  /** `profileId`: the built-in profile whose page says how; null for a custom one. */
  z.object({ kind: z.literal("install-add-on"), addOn: z.string(), profileId: z.string().nullable() }),
  /** Nothing that Ichor can do: the sentence says why and what a person does. */
  z.object({ kind: z.literal("none") }),
]);
export type RemedyAction = z.infer<typeof remedyAction>;

export const gpuProof = z.object({
  pciAddress: z.string(),
  links: z.array(proofLink),
  /** Index of the first broken link, null where none is broken. */
  firstBroken: z.number().int().nullable(),
  state: z.enum(["working", "broken", "unproven", "no-profile"]),
  /** What is broken in three or four words, for a table: `driver refuses the card`; null when nothing is. */
  brief: z.string().nullable(),
  /** Why it does not work, a sentence or two; null when it works. */
  why: z.string().nullable(),
  /** Kernel log lines and the like that show it, verbatim and capped. */
  evidence: z.array(z.string()),
  remedy: z.object({ sentence: z.string(), action: remedyAction }).nullable(),
});
export type GpuProof = z.infer<typeof gpuProof>;

/** What is known of a GPU's load; absent telemetry is null with the reason, never 0. */
export const gpuTelemetry = z.object({
  pciAddress: z.string(),
  utilizationPercent: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  memoryTotalBytes: z.number().nullable(),
  temperatureCelsius: z.number().nullable(),
  powerWatts: z.number().nullable(),
  unavailableReason: z.string().nullable(),
});
export type GpuTelemetry = z.infer<typeof gpuTelemetry>;

/** With the card's use over its last readings, oldest first; null where one did not tell. */
export const gpuCourse = gpuTelemetry.extend({ useHistory: z.array(z.number().nullable()) });
export type GpuCourse = z.infer<typeof gpuCourse>;
