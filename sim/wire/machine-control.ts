import { status } from "@grpc/grpc-js";
import {
  RebootRequest_Mode,
  ResetRequest_WipeMode as WipeMode,
  UpgradeRequest_RebootMode,
  type ResetRequest,
} from "@/lib/talos/gen/machine/control";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { atLeast } from "../factory/releases";
import { newActorId } from "../node/event-ring";
import { prepareLegacyUpgrade, runLegacyUpgrade } from "../node/legacy-upgrade";
import type { SimNode } from "../node/node";
import { reboot, shutdown } from "../node/power";
import { PullFailed } from "../node/pull";
import { refreshReadiness } from "../node/readiness";
import { reset, type ResetMode } from "../node/reset";
import { startService } from "../node/services";
import { disks, volumeStatuses } from "../resources/kinds/block";
import { applyPart } from "./machine-apply";
import { requireControlPlane } from "./control-plane";
import { detach } from "./detach";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<
  MachineServiceServer,
  "applyConfiguration" | "bootstrap" | "reboot" | "shutdown" | "reset" | "rollback" | "upgrade"
>;

const rebootModes: Readonly<Record<RebootRequest_Mode, "default" | "powercycle" | "force">> = {
  [RebootRequest_Mode.DEFAULT]: "default",
  [RebootRequest_Mode.POWERCYCLE]: "powercycle",
  [RebootRequest_Mode.FORCE]: "force",
  [RebootRequest_Mode.UNRECOGNIZED]: "default",
};
const wipeModes: Readonly<Record<WipeMode, ResetMode>> = {
  [WipeMode.ALL]: "all",
  [WipeMode.SYSTEM_DISK]: "system-disk",
  [WipeMode.USER_DISKS]: "user-disks",
  [WipeMode.UNRECOGNIZED]: "all",
};

export function controlPart(rpc: Rpc): Part {
  return {
    ...applyPart(rpc),
    bootstrap: rpc.unary(({ node }) => {
      bootstrap(node);
      return { messages: [{ metadata: undefined }] };
    }),
    reboot: rpc.unary(({ node }, { mode }) => {
      const actorId = newActorId();
      detach(node, reboot(node, rebootModes[mode] ?? "default", actorId));
      return { messages: [{ metadata: undefined, actorId }] };
    }),
    shutdown: rpc.unary(({ node }, { force }) => {
      const actorId = newActorId();
      detach(node, shutdown(node, force, actorId));
      return { messages: [{ metadata: undefined, actorId }] };
    }),
    reset: rpc.unary(({ node }, request) => {
      checkReset(node, request);
      const actorId = newActorId();
      const { graceful, reboot: again, mode } = request;
      const partitions = request.systemPartitionsToWipe.flatMap(({ label, wipe }) => (wipe ? [label] : []));
      detach(node, reset(node, { graceful, reboot: again, mode: wipeModes[mode] ?? "all", partitions }, actorId));
      return { messages: [{ metadata: undefined, actorId }] };
    }),
    rollback: rpc.unary(({ node }) => {
      const other = node.bootedFrom === "A" ? "B" : "A";
      if (!node.installed) throw new RpcError(status.FAILED_PRECONDITION, "system disk not found");
      if (node.disk.slots[other] === null) throw new RpcError(status.UNKNOWN, "previous UKI not found");
      node.disk.active = other;
      node.disk.fallback = null;
      // The sequence that follows has no actor, and stops whatever runs.
      detach(node, reboot(node, "default", "", true));
      return { messages: [{ metadata: undefined }] };
    }),
    upgrade: rpc.unary(async ({ node }, request) => {
      if (!node.installed) throw new RpcError(status.FAILED_PRECONDITION, "Talos is not installed");
      const actorId = newActorId();
      try {
        await prepareLegacyUpgrade(node, request.image);
      } catch (error) {
        if (error instanceof PullFailed)
          throw new RpcError(status.UNKNOWN, `error validating installer image "${request.image}": ${error.message}`);
        throw error;
      }
      guardEtcd(node, request.force || request.preserve);
      const powercycle = request.rebootMode === UpgradeRequest_RebootMode.POWERCYCLE;
      detach(
        node,
        runLegacyUpgrade(node, { image: request.image, stage: request.stage, powercycle }, actorId, () =>
          node.world.drain(node),
        ),
      );
      return { messages: [{ metadata: undefined, ack: "Upgrade request received", actorId }] };
    }),
  };
}

/** What cannot be wiped; plain errors in Talos, so without a code. */
function checkReset(node: SimNode, request: ResetRequest): void {
  const refuse = (why: string) => new RpcError(status.UNKNOWN, why);
  const devices = request.userDisksToWipe;
  const system = node.installed ? node.machine.disk.devPath : null;
  if (devices.length > 0 && request.mode === WipeMode.SYSTEM_DISK)
    throw refuse("reset failed: invalid input, wipe mode SYSTEM_DISK doesn't support UserDisksToWipe parameter");
  for (const device of devices) {
    if (!node.resources.list(disks).some(({ id }) => `/dev/${id}` === device))
      throw refuse(`reset user disk failed: device ${device} wasn't found`);
    if (device === system) throw refuse(`reset user disk failed: device ${device} is the system disk`);
  }
  const labels = request.systemPartitionsToWipe.map(({ label }) => label);
  if (labels.length > 0 && request.mode === WipeMode.USER_DISKS)
    throw refuse("reset failed: invalid input, wipe mode USER_DISKS doesn't support SystemPartitionsToWipe parameter");
  const absent = labels.find((label) => !node.resources.get(volumeStatuses, label));
  if (absent !== undefined)
    throw refuse(
      `failed to get volume status with label "${absent}": resource ${volumeStatuses.type}(${volumeStatuses.namespace}/${absent}@undefined) doesn't exist`,
    );
}

/** The legacy call guards the quorum itself (etcd ValidateForUpgrade); the newer one guards nothing. */
function guardEtcd(node: SimNode, skip: boolean): void {
  if (!node.controlPlane || skip || !node.cluster) return;
  const members = node.cluster.etcd.members();
  const refuse = (why: string) => new RpcError(status.UNKNOWN, `error validating etcd for upgrade: ${why}`);
  if (members.length === 2)
    throw refuse("etcd member count(2) is insufficient to maintain quorum if upgrade commences");
  const down = members.find((member) => !member.running);
  if (down) throw refuse(`etcd member ${down.name} is not healthy; all members must be healthy to perform an upgrade`);
}

function bootstrap(node: SimNode): void {
  if (node.services.state("cri") !== "Running")
    throw new RpcError(status.FAILED_PRECONDITION, "bootstrap is not available yet");
  if (!atLeast(node.running.release, "1.13.0") && !node.controlPlane)
    throw new RpcError(status.FAILED_PRECONDITION, "bootstrap can only be performed on a control plane node");
  const { etcd } = requireControlPlane(node, "bootstrap");
  if (etcd.bootstrapped) throw new RpcError(status.ALREADY_EXISTS, "etcd data directory is not empty");
  etcd.join(node.name, node.address);
  detach(
    node,
    node.wait(3_000).then(() => afterBootstrap(node)),
  );
}

function afterBootstrap(node: SimNode): void {
  startService(node, "etcd");
  for (const peer of node.world.nodes.values()) {
    if (peer.cluster !== node.cluster || peer.power !== "up") continue;
    refreshReadiness(peer);
    peer.world.nodeChanged(peer);
  }
}
