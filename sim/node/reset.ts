import { cycle, runSequence } from "./power";
import { resetPhases } from "./sequences";
import type { SimNode } from "./node";

export type ResetMode = "all" | "system-disk" | "user-disks";
export type ResetOptions = {
  graceful: boolean;
  reboot: boolean;
  mode: ResetMode;
  /** Labels of the system's partitions to wipe; all of the disk when there are none. */
  partitions: readonly string[];
};

/** Wipes what was installed, or parts of it; then the machine restarts, or stays off. */
export async function reset(node: SimNode, options: ResetOptions, actorId: string): Promise<void> {
  const { graceful, reboot, mode, partitions } = options;
  const some = partitions.length > 0;
  const phases = resetPhases(node.running.release, {
    graceful,
    reboot,
    leaveEtcd: node.controlPlane,
    partitions: some,
  });
  await runSequence(node, "reset", phases, actorId, {
    during: (phase) => {
      if (phase.name === "leave") node.cluster?.etcd.leave(node.name);
    },
  });
  node.cluster?.etcd.setRunning(node.name, false);
  if (mode !== "user-disks") wipe(node, some ? new Set(partitions) : null);
  if (reboot) return cycle(node);
  node.powerOff();
}

/** The config lives on STATE, the boot images on EFI. */
function wipe(node: SimNode, partitions: ReadonlySet<string> | null): void {
  const { running } = node;
  if (!partitions || partitions.has("EFI")) {
    node.disk.slots = { A: null, B: null };
    node.disk.active = "A";
    node.disk.fallback = null;
    node.media.release = running.release;
    node.media.schematicId = running.schematicId;
  }
  if (!partitions || partitions.has("STATE")) {
    node.disk.config = null;
    if (!partitions) node.disk.meta = new Map();
    node.disk.etcdMemberId = null;
    node.cluster = null;
  }
}
