import "server-only";
import { env } from "@/lib/core/env";
import { log } from "@/lib/core/log";
import { createImageFactory, type ImageFactory } from "./client";
import { FactoryError } from "./factory-error";

let current: ImageFactory | null = null;

/** The Image Factory of the settings (`ICHOR_FACTORY_URL`). */
export function imageFactory(): ImageFactory {
  const { factoryUrl } = env();
  if (current?.baseUrl !== factoryUrl) current = createImageFactory({ baseUrl: factoryUrl });
  return current;
}

const pauseMs = 30_000;
const awayUntilMs = new Map<string, number>();

export type ReachableOptions = { factory?: ImageFactory; timeoutMs?: number; now?: () => number };

/**
 * Names of the official extensions of a release as the factory tells them, for `resolveProfiles`; undefined where it
 * cannot be asked within `timeoutMs`, so that the built-in catalogue answers. After a failure it is left alone for 30 s.
 * @throws AppError `invalid-input` for a version that is no whole release.
 */
export async function extensionsIfReachable(
  talosVersion: string,
  { factory = imageFactory(), timeoutMs = 3000, now = Date.now }: ReachableOptions = {},
): Promise<string[] | undefined> {
  if (now() < (awayUntilMs.get(factory.baseUrl) ?? 0)) return undefined;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const list = await factory.officialExtensions(talosVersion, timeout);
    return list.map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof FactoryError) && !timeout.aborted) throw error;
    // A release that the factory does not know says nothing about the factory.
    if (!(error instanceof FactoryError) || error.kind !== "refused") awayUntilMs.set(factory.baseUrl, now() + pauseMs);
    log.debug("The Image Factory's extension list is not to be had, so the catalogue answers.", { talosVersion });
    return undefined;
  }
}
