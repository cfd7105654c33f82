import type { SimNode } from "./node";
import { publishMembers } from "./publish-members";

/** Host name, addresses and links. */
export function publishNetwork(node: SimNode): void {
  const { resources, machine, address } = node;
  resources.put("HostnameStatuses.net.talos.dev", "hostname", { hostname: node.hostname, domainname: "" });
  resources.put("NetworkStatuses.net.talos.dev", "status", {
    addressReady: true,
    connectivityReady: true,
    hostnameReady: true,
    etcFilesReady: true,
  });
  for (const id of ["default", "current", "routed", "accumulative"]) {
    resources.put("NodeAddresses.net.talos.dev", id, {
      addresses: [`${address}/${id === "default" ? 32 : 8}`],
      sortAlgorithm: "v1",
    });
  }
  const uplink = machine.nics[0];
  for (const [index, nic] of machine.nics.entries()) {
    resources.put("LinkStatuses.net.talos.dev", nic.name, {
      index: index + 2,
      type: "ether",
      linkIndex: 0,
      flags: nic.up ? "UP,BROADCAST,RUNNING,MULTICAST,LOWER_UP" : "UP,BROADCAST,MULTICAST",
      hardwareAddr: nic.mac,
      permanentAddr: nic.mac,
      broadcastAddr: "ff:ff:ff:ff:ff:ff",
      mtu: 1500,
      queueDisc: "mq",
      operationalState: nic.up ? "up" : "down",
      kind: "",
      slaveKind: "",
      busPath: nic.pciAddress,
      pciID: machine.pci
        .filter((device) => device.address === nic.pciAddress)
        .map((device) => `${device.vendorId}:${device.productId}`.toUpperCase())[0],
      driver: nic.driver,
      linkState: nic.up,
      speedMbit: nic.up ? nic.speedMegabits : undefined,
      port: "TwistedPair",
      duplex: nic.up ? "Full" : "Unknown",
    });
  }
  resources.put("LinkStatuses.net.talos.dev", "lo", {
    index: 1,
    type: "loopback",
    linkIndex: 0,
    flags: "UP,LOOPBACK,RUNNING,LOWER_UP",
    hardwareAddr: "00:00:00:00:00:00",
    permanentAddr: "",
    broadcastAddr: "00:00:00:00:00:00",
    mtu: 65536,
    queueDisc: "noqueue",
    operationalState: "unknown",
    kind: "",
    slaveKind: "",
    linkState: true,
    port: "Other",
    duplex: "Unknown",
  });
  if (uplink)
    resources.put("AddressStatuses.net.talos.dev", `${uplink.name}/${address}/8`, {
      address: `${address}/8`,
      local: address,
      linkIndex: 2,
      linkName: uplink.name,
      family: "inet4",
      scope: "global",
      flags: "permanent",
      priority: 0,
    });
  resources.put("RouteStatuses.net.talos.dev", "inet4/127.0.0.1//1024", {
    family: "inet4",
    dst: "",
    src: "",
    gateway: "127.0.0.1",
    outLinkIndex: 2,
    outLinkName: uplink?.name,
    table: "main",
    priority: 1024,
    scope: "global",
    type: "unicast",
    flags: "",
    protocol: "boot",
  });
  resources.put("ResolverStatuses.net.talos.dev", "resolvers", { dnsServers: ["127.0.0.53"], searchDomains: [] });
  resources.put("TimeServerStatuses.net.talos.dev", "timeservers", { timeServers: ["time.cloudflare.com"] });
}

/** Cluster identity and members, as discovery knows them. */
export function publishCluster(node: SimNode): void {
  const { resources, cluster, config } = node;
  if (!config) return;
  resources.put("MachineTypes.config.talos.dev", "machine-type", config.type);
  for (const id of ["v1alpha1", "persistent"]) {
    resources.put("MachineConfigs.config.talos.dev", id, node.disk.config ?? "", {
      annotations: { "talos.dev/yaml-spec": "1" },
    });
  }
  if (!cluster) return;
  resources.put("Infos.cluster.talos.dev", "current", {
    clusterId: config.clusterId ?? cluster.secrets.id,
    clusterName: config.clusterName ?? cluster.name,
  });
  resources.put("Identities.cluster.talos.dev", "local", {
    nodeId: Buffer.from(node.machine.uuid).toString("base64url"),
  });
  publishMembers(node);
}
