import { pull, resolveInstaller } from "./pull";
import { cycle, runSequence } from "./power";
import { runInstaller } from "./install";
import { rebootPhases, upgradePhases } from "./sequences";
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
    await runSequence(node, "stageUpgrade", rebootPhases(node.running.release, "default"), actorId);
    await runInstaller(node, { release, schematicId }, () => undefined);
    return cycle(node);
  }
  node.setStage("upgrading", false, [], actorId);
  let exitCode = 0;
  await runSequence(node, "upgrade", upgradePhases(node.running.release, !powercycle), actorId, async (phase) => {
    if (phase.name === "drain") await drain();
    if (phase.name === "upgrade") {
      exitCode = await runInstaller(node, { release, schematicId }, (event) => {
        if (event.kind === "line") node.kmsg(`[talos] ${event.text}`, "user", "warning");
      });
    }
  });
  if (exitCode !== 0) node.kmsg(`[talos] upgrade failed: exit code ${exitCode}`, "user", "err");
  return cycle(node);
}
