import { status } from "@grpc/grpc-js";
import {
  ApplyConfigurationRequest_Mode as Mode,
  RebootRequest_Mode,
  UpgradeRequest_RebootMode,
} from "@/lib/talos/gen/machine/control";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { runDetached } from "../clock";
import { applyConfiguration, ApplyRefused, type ApplyMode } from "../node/apply";
import { InvalidConfig } from "../node/config-facts";
import { newActorId } from "../node/event-ring";
import { prepareLegacyUpgrade, runLegacyUpgrade } from "../node/legacy-upgrade";
import type { SimNode } from "../node/node";
import { cycle, reboot, reset, runSequence, SequenceLocked, shutdown } from "../node/power";
import { PullFailed } from "../node/pull";
import { rebootPhases } from "../node/sequences";
import { refreshReadiness } from "../node/readiness";
import { startService } from "../node/services";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<
  MachineServiceServer,
  "applyConfiguration" | "bootstrap" | "reboot" | "shutdown" | "reset" | "rollback" | "upgrade"
>;

const modeNames: Readonly<Record<number, ApplyMode>> = {
  [Mode.REBOOT]: "reboot",
  [Mode.AUTO]: "auto",
  [Mode.NO_REBOOT]: "no-reboot",
  [Mode.STAGED]: "staged",
  [Mode.TRY]: "try",
};
const modeNumbers: Readonly<Record<ApplyMode, Mode>> = {
  reboot: Mode.REBOOT,
  auto: Mode.AUTO,
  "no-reboot": Mode.NO_REBOOT,
  staged: Mode.STAGED,
  try: Mode.TRY,
};
const refusals = {
  unimplemented: status.UNIMPLEMENTED,
  "failed-precondition": status.FAILED_PRECONDITION,
  "invalid-argument": status.INVALID_ARGUMENT,
} as const;

/** Work that goes on after the answer; a refused sequence was told in an event already. */
function detach(node: SimNode, work: Promise<unknown>): void {
  runDetached(work, (error) => {
    if (!(error instanceof SequenceLocked)) node.world.report(error);
  });
}

function translate(error: unknown): unknown {
  if (error instanceof InvalidConfig) return new RpcError(status.INVALID_ARGUMENT, error.message);
  if (error instanceof ApplyRefused) return new RpcError(refusals[error.code], error.message);
  return error;
}

export function controlPart(rpc: Rpc): Part {
  return {
    applyConfiguration: rpc.unary(({ node, roles }, request) => {
      if (!node.maintenance && !roles.includes("os:admin"))
        throw new RpcError(status.PERMISSION_DENIED, "not authorized");
      const timeout = request.tryModeTimeout;
      const tryTimeoutMs = timeout ? Number(timeout.seconds) * 1000 + timeout.nanos / 1e6 : 60_000;
      try {
        const result = applyConfiguration(node, request.data.toString("utf8"), modeNames[request.mode] ?? "auto", {
          dryRun: request.dryRun,
          tryTimeoutMs,
        });
        if (result.after) detach(node, result.after());
        return {
          messages: [
            {
              metadata: undefined,
              warnings: result.warnings,
              mode: modeNumbers[result.mode],
              modeDetails: result.details,
            },
          ],
        };
      } catch (error) {
        throw translate(error);
      }
    }),
    bootstrap: rpc.unary(({ node }) => {
      if (!node.controlPlane || !node.cluster)
        throw new RpcError(status.FAILED_PRECONDITION, "bootstrap can only be performed on a control plane node");
      if (node.stage !== "running" && node.stage !== "booting")
        throw new RpcError(status.FAILED_PRECONDITION, "bootstrap is not available yet");
      if (node.cluster.etcd.bootstrapped) throw new RpcError(status.ALREADY_EXISTS, "etcd data directory is not empty");
      node.cluster.etcd.join(node.name, node.address);
      detach(
        node,
        node.wait(3_000).then(() => afterBootstrap(node)),
      );
      return { messages: [{ metadata: undefined }] };
    }),
    reboot: rpc.unary(({ node }, { mode }) => {
      const actorId = newActorId();
      detach(
        node,
        reboot(
          node,
          mode === RebootRequest_Mode.FORCE
            ? "force"
            : mode === RebootRequest_Mode.POWERCYCLE
              ? "powercycle"
              : "default",
          actorId,
        ),
      );
      return { messages: [{ metadata: undefined, actorId }] };
    }),
    shutdown: rpc.unary(({ node }, { force }) => {
      const actorId = newActorId();
      detach(node, shutdown(node, force, actorId));
      return { messages: [{ metadata: undefined, actorId }] };
    }),
    reset: rpc.unary(({ node }, request) => {
      const actorId = newActorId();
      detach(node, reset(node, { graceful: request.graceful, reboot: request.reboot }, actorId));
      return { messages: [{ metadata: undefined, actorId }] };
    }),
    rollback: rpc.unary(({ node }) => {
      const other = node.bootedFrom === "A" ? "B" : "A";
      if (!node.installed) throw new RpcError(status.FAILED_PRECONDITION, "system disk not found");
      if (node.disk.slots[other] === null)
        throw new RpcError(status.UNKNOWN, "cannot rollback to, label does not exist");
      node.disk.active = other;
      node.disk.fallback = null;
      detach(
        node,
        runSequence(node, "reboot", rebootPhases(node.running.release, "default"), newActorId()).then(() =>
          cycle(node),
        ),
      );
      return { messages: [{ metadata: undefined }] };
    }),
    upgrade: rpc.unary(async ({ node }, request) => {
      if (node.installing || node.sequence !== null)
        throw new RpcError(status.UNKNOWN, "upgrade failed: sequence locked");
      guardEtcd(node, request.force);
      const actorId = newActorId();
      try {
        await prepareLegacyUpgrade(node, request.image);
      } catch (error) {
        if (error instanceof PullFailed)
          throw new RpcError(status.UNKNOWN, `error validating installer image "${request.image}": ${error.message}`);
        throw error;
      }
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

/** The legacy call guards the quorum itself (etcd ValidateForUpgrade); the newer one guards nothing. */
function guardEtcd(node: SimNode, force: boolean): void {
  if (!node.controlPlane || force || !node.cluster) return;
  const members = node.cluster.etcd.members();
  if (members.length === 2)
    throw new RpcError(
      status.UNKNOWN,
      "error validating etcd for upgrade: etcd member count(2) is insufficient to maintain quorum if upgrade commences",
    );
  const down = members.find((member) => !member.running);
  if (down)
    throw new RpcError(
      status.UNKNOWN,
      `error validating etcd for upgrade: etcd member ${down.name} is not healthy; all members must be healthy to perform an upgrade`,
    );
}

function afterBootstrap(node: SimNode): void {
  startService(node, "etcd");
  for (const peer of node.world.nodes.values()) {
    if (peer.cluster !== node.cluster || peer.power !== "up") continue;
    if (peer !== node && peer.controlPlane) {
      peer.cluster?.etcd.join(peer.name, peer.address);
      startService(peer, "etcd");
    }
    refreshReadiness(peer);
    peer.world.nodeChanged(peer);
  }
}
