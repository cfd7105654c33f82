import { pull, resolveInstaller } from "./pull";
import { cycle, runSequence } from "./power";
import { runInstaller } from "./install";
import { stageUpgradePhases, upgradePhases } from "./sequences";
import type { SimNode } from "./node";

export type LegacyUpgrade = { image: string; stage: boolean; powercycle: boolean };

/**
 * The part of the legacy Upgrade call that the caller waits for: pull and validate, within the call. Throws PullFailed.
 * What follows (drain, install, reboot) runs on the node alone: `runLegacyUpgrade`.
 */
export async function prepareLegacyUpgrade(node: SimNode, image: string): Promise<void> {
  for await (const event of pull(node, "system", image))
    if (event.kind === "pulled") node.kmsg(`[talos] installer image ${event.name} pulled`, "user", "warning");
}

export async function runLegacyUpgrade(
  node: SimNode,
  { image, stage, powercycle }: LegacyUpgrade,
  actorId: string,
  drain: () => Promise<void>,
): Promise<void> {
  const { release, schematicId } = resolveInstaller(node, image);
  if (stage) {
    await runSequence(node, "stageUpgrade", stageUpgradePhases(node.running.release, !powercycle), actorId);
    await runInstaller(node, { release, schematicId }, () => undefined);
    return cycle(node);
  }
  await runSequence(node, "upgrade", upgradePhases(node.running.release, !powercycle), actorId, {
    during: async (phase) => {
      if (phase.name === "drain") await drain();
      if (phase.name !== "upgrade") return;
      const exitCode = await runInstaller(node, { release, schematicId }, (event) => {
        if (event.kind === "line") node.kmsg(`[talos] ${event.text}`, "user", "warning");
      });
      if (exitCode !== 0) return `task "upgrade" failed: exit code ${exitCode}`;
    },
  });
  return cycle(node);
}
