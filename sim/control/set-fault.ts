import { runDetached } from "../clock";
import { boot } from "../node/boot";
import type { KubernetesWorld } from "../kubernetes/kubernetes-world";
import type { SimNode } from "../node/node";
import { refreshReadiness } from "../node/readiness";
import { setService, startService } from "../node/services";
import type { NodeServer } from "../wire/node-server";
import type { World } from "../world";
import type { Fault, FaultKind } from "./fault";

export type Controlled = { world: World; server: NodeServer; kubernetes: KubernetesWorld };

/** Switches a fault on; what it does at once is done here, the rest is looked up where it matters. */
export function applyFault({ world, server, kubernetes }: Controlled, node: SimNode, fault: Fault): void {
  node.faults.set(fault.kind, fault);
  switch (fault.kind) {
    case "unreachable":
      server.listener(node.name)?.follow(node.power);
      return;
    case "flapping":
      runDetached(flap(world, server, node, fault.everyMs), world.report);
      return;
    case "clock-skew":
      server.listener(node.name)?.renew();
      return;
    case "blocked-drain":
      kubernetes.stateOf(node)?.block(node.hostname);
      return;
    case "etcd-member-lost":
      node.cluster?.etcd.setRunning(node.name, false);
      setService(node, "etcd", "Failed", 'Failed to start task etcd: "member not found"');
      refreshReadiness(node);
      return;
    case "slow-pull":
    case "stalled-pull":
    case "image-not-found":
    case "installer-exit":
    case "installer-hangs":
    case "power-loss":
    case "rollback":
    case "never-returns":
    case "missing-extension":
    case "module-not-loaded":
    case "card-gone":
    case "driver-not-bound":
    case "no-device-node":
    case "device-plugin-missing":
    case "volume-failed":
      return;
  }
}

/** Takes one fault away, or all; a node that stayed off boots. */
export function removeFault(controlled: Controlled, node: SimNode, kind?: FaultKind): void {
  const { world, server, kubernetes } = controlled;
  for (const name of kind ? [kind] : [...node.faults.keys()]) {
    if (!node.faults.delete(name)) continue;
    if (name === "unreachable") server.listener(node.name)?.follow(node.power);
    if (name === "clock-skew") server.listener(node.name)?.renew();
    if (name === "blocked-drain") kubernetes.stateOf(node)?.unblock(node.hostname);
    if (name === "never-returns" && node.power === "off") runDetached(boot(node, { instant: false }), world.report);
    if (name === "etcd-member-lost" && node.power === "up") {
      node.cluster?.etcd.setRunning(node.name, true);
      startService(node, "etcd");
      refreshReadiness(node);
    }
  }
}

async function flap(world: World, server: NodeServer, node: SimNode, everyMs: number): Promise<void> {
  while (node.faults.has("flapping") && !world.stopping.aborted) {
    server.listener(node.name)?.dropConnections();
    await world.clock.wait(everyMs, world.stopping).catch(() => undefined);
  }
}
