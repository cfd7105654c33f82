import { isSubnetOrAddress, parsePrefix } from "@/lib/machine-config/check/go-net";
import { goUrlOrNull } from "@/lib/machine-config/check/go-url";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { allowedRoles, kubeletKeys } from "@/lib/machine-config/rules/kubernetes";
import { legacyCluster } from "@/lib/machine-config/rules/legacy-cluster";
import { legacyDevices } from "@/lib/machine-config/rules/legacy-devices";
import { nodeMetadata } from "@/lib/machine-config/rules/node-metadata";
import type { Rule, RuleContext } from "@/lib/machine-config/rules/rule";

/* The v1alpha1 document: types/v1alpha1/v1alpha1_validation.go. */

export type MachineType = "controlplane" | "worker";

/** What Talos takes the machine for: without a type it is a worker (config/machine.ParseType). Null for a word that it does not know. */
export function machineType(legacy: ConfigView): MachineType | null {
  const type = legacy.text("machine.type");
  if (type === "controlplane" || type === "init") return "controlplane";
  return type === "worker" || type === "join" || type === "" ? "worker" : null;
}

export const legacyDocument: Rule = (legacy, context) => {
  if (!legacy.has("machine")) return legacy.error("machine", "The machine section is missing.");
  const type = machineType(legacy);
  const written = legacy.text("machine.type");
  if (type === null) legacy.error("machine.type", "The machine type has to be controlplane or worker.");
  else if (written === "") legacy.warning("machine.type", "The machine type is missing; Talos takes it for a worker.");
  else if (written === "join") legacy.warning("machine.type", "Use worker instead.");
  if (legacy.bool("persist") === false) legacy.error("persist", "Talos refuses configs that are not persisted.");
  if (legacy.text("machine.token") === "")
    legacy.warning("machine.token", "Without the token the machine cannot join the cluster.");
  legacyCluster(legacy, context, type !== "worker");
  install(legacy, context);
  authority(legacy, type);
  legacyDevices(legacy.at("machine"), type === "worker");
  machine(legacy.at("machine"), context, type);
};

function install(legacy: ConfigView, { isAtLeast, mode }: RuleContext): void {
  const part = legacy.at("machine.install");
  if (!part.present) {
    if (mode === "metal" && !isAtLeast("1.14"))
      legacy.error("machine.install", "The install section is missing: Talos does not know what to install to.");
    return;
  }
  if (mode === "metal") disk(part);
  if (part.items("extraKernelArgs").length > 0) {
    if (mode === "metal" && part.bool("grubUseUKICmdline") === true)
      part.error(
        "extraKernelArgs",
        "Kernel arguments cannot be given here with grubUseUKICmdline; put them into the schematic.",
      );
    else if (isAtLeast("1.12"))
      part.warning(
        "extraKernelArgs",
        "Kernel arguments here are ignored where systemd-boot starts the machine; the schematic is the place.",
      );
  }
  const seen = new Set<string>();
  for (const extension of part.items("extensions")) {
    const image = extension.text("image");
    if (seen.has(image)) extension.error("image", "The extension is there twice.");
    seen.add(image);
  }
  if (seen.size > 0) part.warning("extensions", "Extensions belong to the schematic; this list is deprecated.");
}

const diskTypes = ["nvme", "sd", "hdd", "ssd"];

/** InstallConfig.DiskMatchExpression */
function disk(part: ConfigView): void {
  const selector = part.at("diskSelector");
  const type = selector.text("type");
  const named = selector.text("name") !== "";
  const known = type === "" || diskTypes.includes(type);
  if (named) selector.error("name", "Talos no longer selects disks by name; use another property.");
  if (!known) selector.error("type", `One of ${diskTypes.join(", ")} is wanted.`);
  if (part.text("disk") === "" && !(selector.present && !named && known))
    part.error("disk", "Neither a disk nor a disk selector is given to install to.");
}

function authority(legacy: ConfigView, type: MachineType | null): void {
  const ca = legacy.at("machine.ca");
  const accepted = legacy.items("machine.acceptedCAs").length > 0;
  if (type === "worker") {
    if (!accepted && (!ca.present || ca.text("crt") === ""))
      ca.error("crt", "The certificate of the Talos API's authority is missing.");
    if (ca.text("key") !== "") ca.error("key", "A worker must not hold this key.");
    if (legacy.text("cluster.ca.key") !== "") legacy.error("cluster.ca.key", "A worker must not hold this key.");
  } else if (type === "controlplane") {
    if (!ca.present) ca.error("", "A control plane node needs the authority of the Talos API with its key.");
    else if (ca.text("key") === "") ca.error("key", "A control plane node needs the key of the Talos API's authority.");
  } else if (!ca.present && !accepted) ca.error("", "The authority of the Talos API is missing.");
}

function machine(part: ConfigView, context: RuleContext, type: MachineType | null): void {
  kubeSpan(part.at("network.kubespan"));
  for (const disk of part.items("disks"))
    for (const [index, partition] of disk.items("partitions").entries())
      if (!partition.at("size").filled && index !== disk.items("partitions").length - 1)
        partition.error("size", "Only the last partition can take the rest of the disk.");
  for (const subnet of part.items("kubelet.nodeIP.validSubnets")) networkOrAddress(subnet);
  kubeletKeys(part.at("kubelet.extraConfig"));
  for (const name of ["state", "ephemeral"]) encryption(part.at(`systemDiskEncryption.${name}`));
  for (const destination of part.items("logging.destinations")) logging(destination);
  nodeMetadata(part.at("nodeLabels"), part.at("nodeAnnotations"), part.at("nodeTaints"));
  features(part.at("features"), context, type);
  if (!context.isAtLeast("1.14")) {
    for (const field of ["registries.config", "registries.mirrors"])
      for (const [, member] of part.members(field)) if (!member.present) member.error("", "It is empty.");
    for (const disk of part.items("disks", { pointers: true })) if (!disk.present) disk.error("", "It is empty.");
    return;
  }
  if (part.items("files").length > 0)
    part.warning("files", "Deprecated: there are documents for what files were used for.");
  if (part.at("baseRuntimeSpecOverrides").filled)
    part.warning("baseRuntimeSpecOverrides", "Deprecated: use a CRIBaseRuntimeSpecConfig document.");
}

/** A network or an address, with a `!` before it to leave it out. */
export function networkOrAddress(view: ConfigView): void {
  if (!isSubnetOrAddress(view.value.replace(/^!/, "")))
    view.error("", "A network or an address is wanted, such as 10.0.0.0/24.");
}

function kubeSpan(part: ConfigView): void {
  if (part.bool("enabled") !== true) return;
  const mtu = part.number("mtu");
  if (mtu !== 0 && mtu < 1280) part.error("mtu", "The MTU of KubeSpan is 1280 at least.");
  for (const filter of part.items("filters.endpoints")) networkOrAddress(filter);
  for (const network of part.items("filters.excludeAdvertisedNetworks"))
    if (parsePrefix(network.value) === null) network.error("", "A network is wanted, such as 10.0.0.0/24.");
}

function encryption(part: ConfigView): void {
  if (!part.present) return;
  const keys = part.items("keys");
  if (keys.length === 0) part.error("keys", "At least one key is wanted.");
  const slots = new Set<number>();
  for (const key of keys) {
    const slot = key.number("slot");
    if (slots.has(slot)) key.error("slot", "The slot is used twice.");
    slots.add(slot);
    if (!["static", "nodeID", "kms", "tpm"].some((kind) => key.has(kind)))
      key.error("", "A key is static, nodeID, kms or tpm; this one is none of them.");
  }
}

function logging(destination: ConfigView): void {
  const text = destination.text("endpoint");
  const url = goUrlOrNull(text);
  if (!destination.has("endpoint")) destination.error("endpoint", "The endpoint is missing.");
  else if (url && (url.host === "" || (url.scheme !== "tcp" && url.scheme !== "udp")))
    destination.error("endpoint", "A URL such as tcp://10.0.0.1:5140 or udp://… is wanted.");
  if (destination.text("format") !== "json_lines") destination.error("format", "json_lines is the only format.");
}

const sortAlgorithms = ["v1", "v2"];

function features(part: ConfigView, context: RuleContext, type: MachineType | null): void {
  const hostDns = part.at("hostDNS");
  const enabled = hostDns.bool("enabled") === true;
  const forwards = hostDns.bool("forwardKubeDNSToHost") === true;
  if (context.isAtLeast("1.13") && forwards && !enabled)
    hostDns.error("forwardKubeDNSToHost", "It needs hostDNS.enabled.");
  if (context.mode === "container" && !context.isAtLeast("1.14")) {
    if (!enabled) hostDns.error("enabled", "A container needs it.");
    if (!forwards) hostDns.error("forwardKubeDNSToHost", "A container needs it.");
  }
  const access = part.at("kubernetesTalosAPIAccess");
  if (access.bool("enabled") === true) {
    if (type !== "controlplane") access.error("enabled", "Only control plane nodes give pods access to the Talos API.");
    allowedRoles(access.items("allowedRoles"), context);
  }
  const algorithm = part.text("nodeAddressSortAlgorithm");
  if (algorithm !== "" && !sortAlgorithms.includes(algorithm.toLowerCase()))
    part.error("nodeAddressSortAlgorithm", `${sortAlgorithms.join(" or ")} is wanted.`);
}
