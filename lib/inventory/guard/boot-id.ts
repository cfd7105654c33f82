import "server-only";
import { AppError } from "@/lib/core/errors";
import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";

const deadlineMs = 8_000;

/**
 * Names the boot that a node is in, by what Talos tells to readers: its boot ID since 1.14, before that the second in which the kernel
 * started. Null where it does not say; whoever cannot be asked says nothing.
 */
export async function readBoot(client: TalosClient, signal?: AbortSignal): Promise<string | null> {
  const options = { deadlineMs, ...(signal && { signal }) };
  try {
    return (await client.get(resourceDefs.bootId, undefined, options)).spec.bootId;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  try {
    const { bootTimeMs } = await client.systemStat(options);
    return bootTimeMs > 0 ? `started ${Math.round(bootTimeMs / 1000)}` : null;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
