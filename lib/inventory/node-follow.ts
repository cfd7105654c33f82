import type { TalosClient } from "@/lib/talos/client";
import { isTalosError } from "@/lib/talos/errors";
import type { Resource, ResourceDef } from "@/lib/talos/resources";

/** What a release (or a role) does not have is absent, not an error: such a failure is swallowed, every other one passes. */
export async function unlessAbsent<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    // A sensitive or unknown type both answer "permission denied" (Talos `internal/app/resources/access.go`).
    if (isTalosError(error, "unimplemented", "unknown-resource", "permission-denied", "not-found")) return null;
    throw error;
  }
}

/** The spec of one resource; null where this node has none. */
export async function specOrNull<Spec>(
  client: TalosClient,
  def: ResourceDef<Spec>,
  signal: AbortSignal,
): Promise<Spec | null> {
  return (await unlessAbsent(client.get(def, undefined, { signal })))?.spec ?? null;
}

/** All of a type; empty where this release does not have it. */
export const listOrEmpty = async <Spec>(
  client: TalosClient,
  def: ResourceDef<Spec>,
  signal: AbortSignal,
): Promise<Resource<Spec>[]> => (await unlessAbsent(client.listResources(def, { signal }))) ?? [];

/**
 * Follows a type until the signal or the connection ends; calls back with all that exists, once it is known and after
 * each change. Resolves, having never called back, where the release does not have the type.
 */
export async function follow<Spec>(
  client: TalosClient,
  def: ResourceDef<Spec>,
  onItems: (items: Resource<Spec>[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const items = new Map<string, Resource<Spec>>();
  let complete = false;
  const telling = seldom(() => onItems([...items.values()]), tellMs);
  const read = async () => {
    for await (const event of client.watch(def, {}, { signal })) {
      if (event.kind === "bootstrapped") complete = true;
      else if (event.kind === "destroyed") items.delete(event.resource.id);
      else if (event.kind !== "established") items.set(event.resource.id, event.resource);
      if (complete && event.kind !== "established") telling.ask();
    }
  };
  try {
    await unlessAbsent(read());
  } finally {
    telling.stop();
  }
}

/** All of a type are told anew so often at most: with each change that would be quadratic in what a node sends. */
const tellMs = 100;

export type Seldom = { ask: () => void; stop: () => void };

/** Does `work` at once, and again at most once per interval however often it is asked for. */
export function seldom(work: () => void, intervalMs: number): Seldom {
  let timer: NodeJS.Timeout | null = null;
  let asked = false;
  const run = () => {
    asked = false;
    timer = setTimeout(() => {
      timer = null;
      if (asked) run();
    }, intervalMs).unref();
    work();
  };
  return {
    ask() {
      asked = true;
      if (!timer) run();
    },
    stop() {
      if (timer) clearTimeout(timer);
    },
  };
}

export type Soon = { ask: () => void; stop: () => void };

/** Runs `work` a moment after it was asked for, once for many asks, never twice at a time; a failure goes to `fail`. */
export function soon(work: () => Promise<void>, delayMs: number, fail: (error: unknown) => void): Soon {
  let timer: NodeJS.Timeout | null = null;
  let running = false;
  let again = false;
  let stopped = false;

  const run = () => {
    timer = null;
    running = true;
    void work()
      .catch(fail)
      .finally(() => {
        running = false;
        if (again) ask();
      });
  };
  const ask = () => {
    if (stopped) return;
    again = running;
    if (!running) timer ??= setTimeout(run, delayMs).unref();
  };
  return {
    ask,
    stop() {
      stopped = true;
      again = false;
      if (timer) clearTimeout(timer);
    },
  };
}
