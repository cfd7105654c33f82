import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import type { NodeFacts } from "./facts";
import { follow } from "./node-follow";
import { volumeFacts } from "./node-readings";

type Facts = { facts: () => NodeFacts | null; read: (facts: Partial<NodeFacts>) => void };

/** Follows what a boot has to do: the kernel modules that the machine config asks for, and the volumes. */
export async function followBoot(client: TalosClient, { facts, read }: Facts, signal: AbortSignal): Promise<void> {
  const volumes = follow(client, resourceDefs.volumeStatus, (items) => read(volumeFacts(items)), signal);
  const modules = follow(
    client,
    resourceDefs.kernelModuleSpec,
    (items) => {
      const before = facts();
      const configModules = items.map(({ id }) => id).sort();
      if (before) read({ evidence: { ...before.evidence, configModules } });
    },
    signal,
  );
  await Promise.all([volumes, modules]);
}

/** The same boot is told a second earlier or later as the clock is set. */
const sameBootMs = 5_000;

/** Keeps when the node booted, by its own clock. */
export function keepBootTime({ facts, read }: Facts, bootedAtMs: number | null): void {
  const before = facts()?.bootedAtMs ?? null;
  if (bootedAtMs === null || bootedAtMs <= 0) return;
  if (before === null || Math.abs(before - bootedAtMs) > sameBootMs) read({ bootedAtMs });
}
