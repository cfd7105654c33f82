import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import type { NodeFacts } from "./facts";
import { follow } from "./node-follow";

type Facts = { facts: () => NodeFacts | null; read: (facts: Partial<NodeFacts>) => void };

/** Follows what a boot has to do: the kernel modules that the machine config asks for. */
export async function followBoot(client: TalosClient, { facts, read }: Facts, signal: AbortSignal): Promise<void> {
  await follow(
    client,
    resourceDefs.kernelModuleSpec,
    (items) => {
      const before = facts();
      const configModules = items.map(({ id }) => id).sort();
      if (before) read({ evidence: { ...before.evidence, configModules } });
    },
    signal,
  );
}
