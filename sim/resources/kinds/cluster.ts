import { MachineConfigSpec, MachineType as ConfigType, MachineTypeSpec } from "@/lib/talos/gen/resource/config/config";
import * as message from "@/lib/talos/gen/resource/definitions/cluster";
import { MachineType } from "@/lib/talos/gen/resource/definitions/enums";
import { ipText } from "../addresses";
import { defineKind } from "../kind";

const namespace = "cluster";

const machineTypeNames: Readonly<Record<MachineType, string>> = {
  [MachineType.TYPE_UNKNOWN]: "unknown",
  [MachineType.TYPE_INIT]: "init",
  [MachineType.TYPE_CONTROL_PLANE]: "controlplane",
  [MachineType.TYPE_WORKER]: "worker",
  [MachineType.UNRECOGNIZED]: "unknown",
};
const configTypeNames: Readonly<Record<ConfigType, string>> = {
  [ConfigType.UNKNOWN]: "unknown",
  [ConfigType.INIT]: "init",
  [ConfigType.CONTROL_PLANE]: "controlplane",
  [ConfigType.WORKER]: "worker",
  [ConfigType.UNRECOGNIZED]: "unknown",
};

export const clusterInfos = defineKind({
  type: "Infos.cluster.talos.dev",
  namespace,
  owner: "cluster.InfoController",
  message: message.InfoSpec,
  yaml: ({ clusterId, clusterName }) => ({ clusterId, clusterName }),
});

export const identities = defineKind({
  type: "Identities.cluster.talos.dev",
  namespace,
  owner: "cluster.NodeIdentityController",
  message: message.IdentitySpec,
  yaml: ({ nodeId }) => ({ nodeId }),
});

export const members = defineKind({
  type: "Members.cluster.talos.dev",
  namespace,
  owner: "cluster.MemberController",
  message: message.MemberSpec,
  yaml: (spec) => ({
    nodeId: spec.nodeId,
    addresses: spec.addresses.map(ipText),
    hostname: spec.hostname,
    machineType: machineTypeNames[spec.machineType],
    operatingSystem: spec.operatingSystem,
    controlPlane: spec.controlPlane && { port: spec.controlPlane.apiServerPort },
  }),
});

export const machineTypes = defineKind({
  type: "MachineTypes.config.talos.dev",
  namespace: "config",
  owner: "config.MachineTypeController",
  message: MachineTypeSpec,
  yaml: ({ machineType }) => configTypeNames[machineType],
});

/** Its YAML is one text that holds the documents. */
export const machineConfigs = defineKind({
  type: "MachineConfigs.config.talos.dev",
  namespace: "config",
  owner: "",
  sensitive: true,
  message: MachineConfigSpec,
  yaml: ({ yamlMarshalled }) => yamlMarshalled.toString("utf8"),
});
