import { z } from "zod";
import { type GpuDevice, gpuDevice } from "@/lib/gpu/schema";

/** A card that was on the bus and is no more; `boots` counts the boots since that was seen. */
export const goneCard = z.object({ gpu: gpuDevice, boots: z.number().int() });
export type GoneCard = z.infer<typeof goneCard>;

/** Told in the boot in which it went and in the next one; after that its absence is taken for granted. */
const toldForBoots = 2;

export type CardsBefore = { gpus: readonly GpuDevice[]; gone: readonly GoneCard[] };

/**
 * The cards that are gone after a reading. A reading of the bus may come before the one that tells of a new boot, or the old boot's
 * watch may still see the bus being cleared: so a card counts as gone from whichever reading misses it first. Pure.
 */
export function goneAfter(
  before: CardsBefore,
  reading: { gpus: readonly GpuDevice[] | undefined; newBoot: boolean },
): GoneCard[] {
  const aged = reading.newBoot ? before.gone.map(({ gpu, boots }) => ({ gpu, boots: boots + 1 })) : before.gone;
  const told = aged.filter(({ boots }) => boots < toldForBoots);
  if (reading.gpus === undefined) return told;
  const there = new Set(reading.gpus.map(({ pciAddress }) => pciAddress));
  const known = new Set(told.map(({ gpu }) => gpu.pciAddress));
  const went = before.gpus.filter(({ pciAddress }) => !known.has(pciAddress)).map((gpu) => ({ gpu, boots: 0 }));
  return [...told, ...went].filter(({ gpu }) => !there.has(gpu.pciAddress));
}
