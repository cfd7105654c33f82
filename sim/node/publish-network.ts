import { AddressEvent } from "@/lib/talos/gen/machine/events";
import {
  NethelpersDuplex as Duplex,
  NethelpersFamily as Family,
  NethelpersLinkType as LinkType,
  NethelpersOperationalState as Operational,
  NethelpersPort as Port,
  NethelpersRouteProtocol as Protocol,
  NethelpersRouteType as RouteType,
  NethelpersRoutingTable as Table,
  NethelpersScope as Scope,
} from "@/lib/talos/gen/resource/definitions/enums";
import { atLeast } from "../factory/releases";
import { hardwareAddress, netIp, netIpPrefix } from "../resources/addresses";
import { addressFlags, linkFlags } from "../resources/flags";
import { linkStatuses } from "../resources/kinds/links";
import {
  hostnameStatuses,
  networkStatuses,
  nodeAddresses,
  resolverStatuses,
  timeServerStatuses,
} from "../resources/kinds/network";
import { addressStatuses, routeStatuses } from "../resources/kinds/routes";
import type { SimNode } from "./node";

/** What the kernel says of a link that is down: unknown, as an unsigned number. */
const unknownSpeed = 4_294_967_295;

const { UP, BROADCAST, LOOPBACK, RUNNING, MULTICAST, LOWER_UP } = linkFlags;

/** Host name, addresses and links, as resources and as an event. */
export function publishNetwork(node: SimNode): void {
  const { resources, address } = node;
  const told = AddressEvent.encode({ hostname: node.hostname, addresses: [address] }).finish();
  node.events.publish("AddressEvent", told, "");
  resources.put(hostnameStatuses, "hostname", { hostname: node.hostname });
  resources.put(networkStatuses, "status", {
    addressReady: true,
    connectivityReady: true,
    hostnameReady: true,
    etcFilesReady: true,
  });
  for (const id of ["default", "current", "routed", "accumulative"])
    resources.put(nodeAddresses, id, { addresses: [netIpPrefix(`${address}/8`)] });
  publishLinks(node);
  publishAddresses(node);
  const dnsServers = [netIp("127.0.0.53")];
  resources.put(resolverStatuses, "resolvers", {
    dnsServers,
    nameServers: atLeast(node.running.release, "1.14.0") ? dnsServers.map((addr) => ({ addr })) : [],
  });
  resources.put(timeServerStatuses, "timeservers", { ntpServers: ["time.cloudflare.com"] });
}

function publishLinks({ resources, machine }: SimNode): void {
  for (const [index, nic] of machine.nics.entries()) {
    const pci = machine.pci.find((device) => device.address === nic.pciAddress);
    resources.put(linkStatuses, nic.name, {
      index: index + 2,
      type: LinkType.LINK_ETHER,
      flags: UP | BROADCAST | MULTICAST | (nic.up ? RUNNING | LOWER_UP : 0),
      hardwareAddr: hardwareAddress(nic.mac),
      permanentAddr: hardwareAddress(nic.mac),
      broadcastAddr: hardwareAddress("ff:ff:ff:ff:ff:ff"),
      mtu: 1500,
      queueDisc: "mq",
      operationalState: nic.up ? Operational.OPER_STATE_UP : Operational.OPER_STATE_DOWN,
      busPath: nic.pciAddress,
      driver: nic.driver,
      ...(pci
        ? {
            pciid: `${pci.vendorId}:${pci.productId}`.toUpperCase(),
            vendorId: `0x${pci.vendorId}`,
            productId: `0x${pci.productId}`,
            vendor: pci.vendor,
            product: pci.product,
          }
        : {}),
      linkState: nic.up,
      speedMegabits: nic.up ? nic.speedMegabits : unknownSpeed,
      port: Port.TWISTED_PAIR,
      duplex: nic.up ? Duplex.FULL : Duplex.UNKNOWN,
    });
  }
  resources.put(linkStatuses, "lo", {
    index: 1,
    type: LinkType.LINK_LOOPBCK,
    flags: UP | LOOPBACK | RUNNING | LOWER_UP,
    hardwareAddr: hardwareAddress("00:00:00:00:00:00"),
    broadcastAddr: hardwareAddress("00:00:00:00:00:00"),
    mtu: 65536,
    queueDisc: "noqueue",
    linkState: true,
    port: Port.OTHER,
    duplex: Duplex.UNKNOWN,
  });
}

function publishAddresses({ resources, machine, address }: SimNode): void {
  const inet4 = { family: Family.FAMILY_INET4, flags: addressFlags.permanent };
  resources.put(addressStatuses, "lo/127.0.0.1/8", {
    ...inet4,
    address: netIpPrefix("127.0.0.1/8"),
    local: netIp("127.0.0.1"),
    linkIndex: 1,
    linkName: "lo",
    scope: Scope.SCOPE_HOST,
  });
  const uplink = machine.nics[0];
  if (!uplink) return;
  resources.put(addressStatuses, `${uplink.name}/${address}/8`, {
    ...inet4,
    address: netIpPrefix(`${address}/8`),
    local: netIp(address),
    broadcast: netIp("127.255.255.255"),
    linkIndex: 2,
    linkName: uplink.name,
    scope: Scope.SCOPE_GLOBAL,
  });
  resources.put(routeStatuses, "inet4/127.0.0.1//1024", {
    family: Family.FAMILY_INET4,
    gateway: netIp("127.0.0.1"),
    outLinkIndex: 2,
    outLinkName: uplink.name,
    table: Table.TABLE_MAIN,
    priority: 1024,
    scope: Scope.SCOPE_GLOBAL,
    type: RouteType.TYPE_UNICAST,
    protocol: Protocol.PROTOCOL_BOOT,
  });
}
