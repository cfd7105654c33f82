import {
  NethelpersDuplex as Duplex,
  NethelpersLinkType as LinkType,
  NethelpersOperationalState as Operational,
  NethelpersPort as Port,
} from "@/lib/talos/gen/resource/definitions/enums";
import { LinkStatusSpec } from "@/lib/talos/gen/resource/definitions/network";
import { hardwareText } from "../addresses";
import { flagsText, linkFlags } from "../flags";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

const linkTypes: Readonly<Record<LinkType, string>> = {
  [LinkType.LINK_NETROM]: "netrom",
  [LinkType.LINK_ETHER]: "ether",
  [LinkType.LINK_LOOPBCK]: "loopback",
  [LinkType.UNRECOGNIZED]: "netrom",
};
const operational: Readonly<Record<Operational, string>> = {
  [Operational.OPER_STATE_UNKNOWN]: "unknown",
  [Operational.OPER_STATE_NOT_PRESENT]: "notPresent",
  [Operational.OPER_STATE_DOWN]: "down",
  [Operational.OPER_STATE_LOWER_LAYER_DOWN]: "lowerLayerDown",
  [Operational.OPER_STATE_TESTING]: "testing",
  [Operational.OPER_STATE_DORMANT]: "dormant",
  [Operational.OPER_STATE_UP]: "up",
  [Operational.UNRECOGNIZED]: "unknown",
};
const ports: Readonly<Record<Port, string>> = {
  [Port.TWISTED_PAIR]: "TwistedPair",
  [Port.AUI]: "AUI",
  [Port.MII]: "MII",
  [Port.FIBRE]: "Fibre",
  [Port.BNC]: "BNC",
  [Port.DIRECT_ATTACH]: "DirectAttach",
  [Port.NONE]: "None",
  [Port.OTHER]: "Other",
  [Port.UNRECOGNIZED]: "Other",
};
const duplexes: Readonly<Record<Duplex, string>> = {
  [Duplex.HALF]: "Half",
  [Duplex.FULL]: "Full",
  [Duplex.UNKNOWN]: "Unknown",
  [Duplex.UNRECOGNIZED]: "Unknown",
};

/** Physical links and the loopback: what a bond, bridge, VLAN or WireGuard link adds is not there. */
export const linkStatuses = defineKind({
  type: "LinkStatuses.net.talos.dev",
  namespace: "network",
  owner: "network.LinkStatusController",
  message: LinkStatusSpec,
  yaml: (spec) => ({
    alias: omitEmpty(spec.alias),
    altNames: omitEmpty(spec.altNames),
    index: spec.index,
    type: linkTypes[spec.type],
    linkIndex: spec.linkIndex,
    flags: flagsText(linkFlags, spec.flags),
    hardwareAddr: hardwareText(spec.hardwareAddr),
    permanentAddr: hardwareText(spec.permanentAddr),
    broadcastAddr: hardwareText(spec.broadcastAddr),
    mtu: spec.mtu,
    queueDisc: spec.queueDisc,
    masterIndex: omitEmpty(spec.masterIndex),
    operationalState: operational[spec.operationalState],
    kind: spec.kind,
    slaveKind: spec.slaveKind,
    busPath: omitEmpty(spec.busPath),
    pciID: omitEmpty(spec.pciid),
    driver: omitEmpty(spec.driver),
    driverVersion: omitEmpty(spec.driverVersion),
    firmwareVersion: omitEmpty(spec.firmwareVersion),
    productID: omitEmpty(spec.productId),
    vendorID: omitEmpty(spec.vendorId),
    product: omitEmpty(spec.product),
    vendor: omitEmpty(spec.vendor),
    linkState: spec.linkState,
    speedMbit: omitEmpty(spec.speedMegabits),
    port: ports[spec.port],
    duplex: duplexes[spec.duplex],
  }),
});
