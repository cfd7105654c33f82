import { RuntimeUnattendedInstallPhase as Phase } from "@/lib/talos/gen/resource/definitions/enums";
import { installerRef } from "../factory/image-ref";
import { unattendedInstallStatuses } from "../resources/kinds/runtime";
import type { ConfigFacts } from "./config-facts";
import { runInstaller } from "./install";
import type { SimNode } from "./node";
import { pull, PullFailed, resolveInstaller } from "./pull";
import { publishStorage } from "./publish-storage";

type Unattended = NonNullable<ConfigFacts["unattended"]>;

/** How long a pull is tried again before it counts as failed (containers/image/pull.go): five times 5 s and longer, or 20 minutes. */
const notFoundMs = 150_000;
const otherMs = 20 * 60_000;
/** A controller that failed starts again after a while that grows (COSI runtime). */
const restart = { firstMs: 500, factor: 1.5, mostMs: 60_000 };

/** Says how far an unattended install is; 1.14 only, and in no other place of the node. */
export function publishInstall(node: SimNode, phase: Phase, error = ""): void {
  const image = node.config?.unattended?.image;
  if (image !== undefined) node.resources.put(unattendedInstallStatuses, "unattended-install", { image, phase, error });
}

async function pulled(node: SimNode, image: string): Promise<void> {
  for (;;)
    try {
      for await (const event of pull(node, "system", image))
        if (event.kind === "pulled") node.kmsg(`[talos] installer image ${event.name} pulled`, "user", "warning");
      return;
    } catch (error) {
      if (!(error instanceof PullFailed)) throw error;
      node.kmsg(`[talos] retrying error: ${error.message}`, "user", "warning");
      await node.wait(error.absent ? notFoundMs : otherMs);
      if (stillFails(node, image)) throw error;
    }
}

function stillFails(node: SimNode, image: string): boolean {
  try {
    resolveInstaller(node, image);
    return false;
  } catch (error) {
    if (error instanceof PullFailed) return true;
    throw error;
  }
}

/** One run of the installer; the reason why it failed, or null. */
async function attempt(node: SimNode, image: string): Promise<string | null> {
  try {
    await pulled(node, image);
  } catch (error) {
    if (error instanceof PullFailed) return error.message;
    throw error;
  }
  const { release, schematicId } = resolveInstaller(node, image);
  const code = await runInstaller(node, { release, schematicId }, (event) => {
    if (event.kind === "line") node.kmsg(`[talos] ${event.text}`, "user", "warning");
  });
  return code === 0 ? null : `task "upgrade" failed: exit code ${code}`;
}

/**
 * What UnattendedInstallController does beside the boot (controllers/runtime/unattended_install.go of 1.14): it installs until it
 * succeeds, and says nothing of it but in its status. Resolves when Talos is on the disk, with the config.
 */
export async function installUnattended(node: SimNode, text: string, { image, reboot }: Unattended): Promise<void> {
  const { release, schematicId } = node.running;
  const wanted = image === "" ? installerRef(node.world.imageRegistry, schematicId, release) : image;
  for (let delayMs = restart.firstMs; ; delayMs = Math.min(delayMs * restart.factor, restart.mostMs)) {
    publishInstall(node, Phase.UNATTENDED_INSTALL_PHASE_INSTALLING);
    node.kmsg(`[talos] installing Talos on ${node.machine.disk.devPath} with ${wanted}`, "user", "warning");
    const failure = await attempt(node, wanted);
    if (failure === null) break;
    publishInstall(node, Phase.UNATTENDED_INSTALL_PHASE_FAILED, failure);
    node.kmsg(`[talos] controller failed: failed to run installer: ${failure}`, "user", "err");
    await node.wait(delayMs);
  }
  node.disk.config = text;
  publishStorage(node);
  publishInstall(
    node,
    reboot ? Phase.UNATTENDED_INSTALL_PHASE_WAITING_FOR_REBOOT : Phase.UNATTENDED_INSTALL_PHASE_INSTALLED,
  );
}
