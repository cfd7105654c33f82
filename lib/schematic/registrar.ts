import "server-only";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { fullJitterMs, sleep } from "@/lib/core/time";
import { db } from "@/lib/db/client";
import type { ImageFactory } from "@/lib/image-factory/client";
import { imageFactory } from "@/lib/image-factory/factory";
import { forgetOtherFactories, registerStored } from "./store";

export type RegistrarOptions = {
  factory?: () => ImageFactory;
  /** Pause after a round in which nothing was left to do, or the factory was there. */
  intervalMs?: number;
  /** Pause before a schematic that was refused is offered again. */
  refusedRetryMs?: number;
  /** Longest pause while the factory is away. */
  backoffCapMs?: number;
  now?: () => Date;
  /** Called for each schematic that got registered, with its ID at the factory. */
  onRegistered?: (id: string) => void;
};

export type Registrar = {
  /** Tries at once instead of after the pause. */
  wake(): void;
  /** Ends the loop; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
};

/** Offers all schematics that are not registered; false where the factory is away. */
async function round(
  options: Required<RegistrarOptions>,
  refusedAtMs: Map<string, number>,
  signal: AbortSignal,
): Promise<boolean> {
  const { factory, now, refusedRetryMs, onRegistered } = options;
  const current = factory();
  await forgetOtherFactories(current.baseUrl);
  const waiting = await db.schematic.findMany({
    // What is only recorded as it was found is registered when an image of it is needed, not offered unasked.
    where: { registeredAt: null, OR: [{ nodes: { none: {} } }, { nodes: { some: { recordedAsFound: false } } }] },
    orderBy: { createdAt: "asc" },
  });
  for (const row of waiting) {
    if (signal.aborted) return true;
    const refused = refusedAtMs.get(row.id);
    if (refused !== undefined && now().getTime() - refused < refusedRetryMs) continue;
    try {
      const result = await registerStored(row, current, { now, signal });
      if (!result.registered) return false;
      refusedAtMs.delete(row.id);
      onRegistered(result.id);
    } catch (error) {
      if (signal.aborted) return true;
      if (!(error instanceof AppError)) throw error;
      refusedAtMs.set(row.id, now().getTime());
      log.warn("The Image Factory does not take a schematic.", { schematic: row.id, reason: error.message });
    }
  }
  return true;
}

/**
 * Registers in the background what could not be registered at once, and everything again after the factory's address has
 * changed. Pauses with jitter and backoff while the factory is away.
 */
export function startSchematicRegistrar(options: RegistrarOptions = {}): Registrar {
  const settings: Required<RegistrarOptions> = {
    factory: imageFactory,
    intervalMs: 30_000,
    refusedRetryMs: 10 * 60_000,
    backoffCapMs: 60_000,
    now: () => new Date(),
    onRegistered: () => undefined,
    ...options,
  };
  const stopping = new AbortController();
  const refusedAtMs = new Map<string, number>();
  let waking = new AbortController();
  let woken = false;

  const pause = async (durationMs: number) => {
    waking = new AbortController();
    try {
      // Woken during the round: the next one begins at once.
      if (!woken) await sleep(durationMs, AbortSignal.any([stopping.signal, waking.signal]));
    } catch {
      // Woken or stopped: the loop looks which.
    } finally {
      woken = false;
    }
  };

  const loop = async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      let there = false;
      try {
        there = await round(settings, refusedAtMs, stopping.signal);
      } catch (error) {
        log.unexpected("A round of the schematic registrar failed.", error);
      }
      failures = there ? 0 : failures + 1;
      const backoffMs = 1000 + fullJitterMs(failures, { baseMs: 1000, capMs: settings.backoffCapMs });
      await pause(there ? settings.intervalMs : backoffMs);
    }
  };
  const running = loop();
  return {
    wake: () => {
      woken = true;
      waking.abort();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
