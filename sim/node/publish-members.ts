import { MachineType } from "@/lib/talos/gen/resource/definitions/enums";
import { netIp } from "../resources/addresses";
import { members } from "../resources/kinds/cluster";
import type { World } from "../world";
import { nodeIdentity } from "./identity";
import type { SimNode } from "./node";

/** Beyond this a fleet is there to be measured: a thousand copies of a thousand members would measure nothing but memory. */
const mostMembers = 100;

/** The members of its cluster, as discovery tells a node. */
export function publishMembers(node: SimNode): void {
  const { world, cluster } = node;
  if (cluster === null || world.nodes.size > mostMembers) return;
  for (const peer of world.nodes.values()) if (peer.cluster === cluster && !peer.maintenance) putMember(node, peer);
}

function putMember(node: SimNode, peer: SimNode): void {
  node.resources.put(members, peer.hostname, {
    nodeId: nodeIdentity(peer),
    addresses: [netIp(peer.address)],
    hostname: peer.hostname,
    machineType: peer.controlPlane ? MachineType.TYPE_CONTROL_PLANE : MachineType.TYPE_WORKER,
    operatingSystem: `Talos (${peer.running.release})`,
    ...(peer.controlPlane ? { controlPlane: { apiServerPort: 6443 } } : {}),
  });
}

/** Tells a node's peers that it came, or came back with another release. */
export function announceMembers(world: World, node: SimNode): void {
  if (node.cluster === null || node.maintenance || node.power !== "up" || world.nodes.size > mostMembers) return;
  for (const peer of world.nodes.values())
    if (peer.cluster === node.cluster && peer.power === "up" && !peer.maintenance) putMember(peer, node);
}
