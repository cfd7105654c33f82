import {
  NethelpersFamily as Family,
  NethelpersRouteProtocol as Protocol,
  NethelpersRouteType as RouteType,
  NethelpersRoutingTable as Table,
  NethelpersScope as Scope,
} from "@/lib/talos/gen/resource/definitions/enums";
import { AddressStatusSpec, RouteStatusSpec } from "@/lib/talos/gen/resource/definitions/network";
import { ipText, prefixText } from "../addresses";
import { addressFlags, flagsText } from "../flags";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

const namespace = "network";

const families: Readonly<Record<Family, string>> = {
  [Family.NETHELPERS_FAMILY_UNSPECIFIED]: "",
  [Family.FAMILY_INET4]: "inet4",
  [Family.FAMILY_INET6]: "inet6",
  [Family.UNRECOGNIZED]: "",
};
const scopes: Readonly<Record<Scope, string>> = {
  [Scope.SCOPE_GLOBAL]: "global",
  [Scope.SCOPE_SITE]: "site",
  [Scope.SCOPE_LINK]: "link",
  [Scope.SCOPE_HOST]: "host",
  [Scope.SCOPE_NOWHERE]: "nowhere",
  [Scope.UNRECOGNIZED]: "global",
};
const tables: Readonly<Record<Table, string>> = {
  [Table.TABLE_UNSPEC]: "unspec",
  [Table.TABLE_DEFAULT]: "default",
  [Table.TABLE_MAIN]: "main",
  [Table.TABLE_LOCAL]: "local",
  [Table.UNRECOGNIZED]: "unspec",
};
/** Names of enum values that are their last word in small letters: `TYPE_UNICAST` → `unicast`. */
const lastWords = (value: string): string => value.slice(value.indexOf("_") + 1).toLowerCase();

export const addressStatuses = defineKind({
  type: "AddressStatuses.net.talos.dev",
  namespace,
  owner: "network.AddressStatusController",
  message: AddressStatusSpec,
  yaml: (spec) => ({
    address: prefixText(spec.address),
    // Go's YAML takes an address without a prefix for empty, whatever it is, and leaves these four out.
    linkIndex: spec.linkIndex,
    linkName: spec.linkName,
    family: families[spec.family],
    scope: scopes[spec.scope],
    flags: flagsText(addressFlags, spec.flags),
    priority: spec.priority,
  }),
});

export const routeStatuses = defineKind({
  type: "RouteStatuses.net.talos.dev",
  namespace,
  owner: "network.RouteStatusController",
  message: RouteStatusSpec,
  yaml: (spec) => ({
    family: families[spec.family],
    dst: prefixText(spec.destination),
    src: ipText(spec.source),
    gateway: ipText(spec.gateway),
    outLinkIndex: omitEmpty(spec.outLinkIndex),
    outLinkName: omitEmpty(spec.outLinkName),
    table: tables[spec.table],
    priority: spec.priority,
    scope: scopes[spec.scope],
    type: lastWords(RouteType[spec.type] ?? ""),
    // Routes of Linux have more flags than the simulator gives them: none.
    flags: "",
    protocol: lastWords(Protocol[spec.protocol] ?? ""),
    mtu: omitEmpty(spec.mtu),
  }),
});
