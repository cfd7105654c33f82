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

/**
 * Names of the official extensions of a release as the factory tells them, for `resolveProfiles`; undefined where it
 * cannot be asked, so that the built-in catalogue answers.
 */
export async function extensionsIfReachable(talosVersion: string, signal?: AbortSignal): Promise<string[] | undefined> {
  try {
    return (await imageFactory().officialExtensions(talosVersion, signal)).map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof FactoryError)) throw error;
    log.debug("The Image Factory's extension list is not to be had, so the catalogue answers.", {
      reason: error.message,
    });
    return undefined;
  }
}
