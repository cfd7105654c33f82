import { z } from "zod";
import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { ownEntry } from "@/lib/core/own-entry";
import { define } from "@/lib/talos/resource-def";
import { dictionary, flag, list, number, struct, text } from "@/lib/talos/resource-fields";

const network = "network";
const k8s = "k8s";
const cluster = "cluster";

const roles: Record<string, "controlplane" | "worker"> = {
  init: "controlplane",
  controlplane: "controlplane",
  type_init: "controlplane",
  type_control_plane: "controlplane",
  worker: "worker",
  type_worker: "worker",
  join: "worker",
  "1": "controlplane",
  "2": "controlplane",
  "3": "worker",
};

/** `init`, an old kind of control plane, is one to us. */
const role = () =>
  text(64).transform((type): "controlplane" | "worker" | "unknown" => ownEntry(roles, type.toLowerCase()) ?? "unknown");

/** Its YAML is the bare word; a struct in releases that may come. */
export const machineType = define({
  namespace: "config",
  type: "MachineTypes.config.talos.dev",
  id: "machine-type",
  spec: z.preprocess(
    (value) => (typeof value === "object" && value !== null ? value : { machineType: value }),
    struct({ machineType: role() }, { type: "machineType" }),
  ),
});

export const hostnameStatus = define({
  namespace: network,
  type: "HostnameStatuses.net.talos.dev",
  id: "hostname",
  spec: struct({ hostname: text(253), domainname: text(253) }),
});

/** The name of the Kubernetes node. */
export const nodename = define({
  namespace: k8s,
  type: "Nodenames.kubernetes.talos.dev",
  id: "nodename",
  spec: struct({ nodename: text(253), skipNodeRegistration: flag() }),
});

/** Ids: `default`, `current`, `accumulative`, `routed`. Addresses are prefixes: `10.5.0.2/24`. */
export const nodeAddress = define({
  namespace: network,
  type: "NodeAddresses.net.talos.dev",
  spec: struct({ addresses: list(text(64)) }),
});

/** The id is the link's name. */
export const linkStatus = define({
  namespace: network,
  type: "LinkStatuses.net.talos.dev",
  spec: struct(
    {
      index: number(),
      type: text(64),
      kind: text(64),
      hardwareAddress: text(64),
      permanentAddress: text(64),
      mtu: number(),
      operationalState: text(64),
      linkState: flag(),
      /** 0 or less = the driver does not say. */
      speedMegabits: number(),
      duplex: text(64),
      driver: text(128),
      busPath: text(),
      alias: text(),
    },
    { hardwareAddr: "hardwareAddress", permanentAddr: "permanentAddress", speedMbit: "speedMegabits" },
  ),
});

export const addressStatus = define({
  namespace: network,
  type: "AddressStatuses.net.talos.dev",
  spec: struct({ address: text(64), linkName: text(64), family: text(32), scope: text(32) }),
});

export const routeStatus = define({
  namespace: network,
  type: "RouteStatuses.net.talos.dev",
  spec: struct(
    {
      destination: text(64),
      source: text(64),
      gateway: text(64),
      outLinkName: text(64),
      priority: number(),
      family: text(32),
      table: text(64),
    },
    { dst: "destination", src: "source" },
  ),
});

/** Machines that cluster discovery knows; the id is the node's name. */
export const member = define({
  namespace: cluster,
  type: "Members.cluster.talos.dev",
  spec: struct({
    nodeId: text(128),
    addresses: list(text(64)),
    hostname: text(253),
    machineType: role(),
    operatingSystem: text(),
  }),
});

export const clusterInfo = define({
  namespace: cluster,
  type: "Infos.cluster.talos.dev",
  id: "current",
  spec: struct({ clusterId: text(128), clusterName: text(253) }),
});

export const identity = define({
  namespace: cluster,
  type: "Identities.cluster.talos.dev",
  id: "local",
  spec: struct({ nodeId: text(128) }),
});

export const kubeletStatus = define({
  namespace: k8s,
  type: "KubeletStatuses.kubernetes.talos.dev",
  id: "kubelet",
  since: "1.14.0-alpha.0",
  spec: struct({ image: text() }),
});

/** The Kubernetes node as Talos sees it; the id is its name. */
export const nodeStatus = define({
  namespace: k8s,
  type: "NodeStatuses.kubernetes.talos.dev",
  spec: struct({
    nodename: text(253),
    nodeReady: flag(),
    unschedulable: flag(),
    labels: dictionary(),
    annotations: dictionary(),
  }),
});

const condition = struct({ type: text(128), status: text(32), reason: text(), message: text(1024) });

/** The YAML is the Kubernetes pod status itself. The id is `namespace/name`. */
export const staticPodStatus = define({
  namespace: k8s,
  type: "StaticPodStatuses.kubernetes.talos.dev",
  spec: struct({ phase: text(64), conditions: list(condition) }).transform((status) => ({
    ...status,
    ready: status.conditions.some(({ type, status: value }) => type === "Ready" && value === "True"),
  })),
});

/**
 * The machine config: secret, admins only. Ids: `v1alpha1` (what runs) and `persistent` (what the next boot takes). The YAML is a string that
 * holds the documents (annotation `talos.dev/yaml-spec`); older releases put the document itself.
 */
export const machineConfig = define({
  namespace: "config",
  type: "MachineConfigs.config.talos.dev",
  id: "v1alpha1",
  sensitive: true,
  raw: true,
  caps: { specBytes: nodeCaps.machineConfigBytes },
  spec: z.string(),
});
