import { atLeast } from "../../factory/releases";
import {
  NethelpersAddressSortAlgorithm as Sort,
  NethelpersDNSProtocol as Dns,
} from "@/lib/talos/gen/resource/definitions/enums";
import * as message from "@/lib/talos/gen/resource/definitions/network";
import { ipText, prefixText } from "../addresses";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

const namespace = "network";

const sorts: Readonly<Record<Sort, string>> = {
  [Sort.ADDRESS_SORT_ALGORITHM_V1]: "v1",
  [Sort.ADDRESS_SORT_ALGORITHM_V2]: "v2",
  [Sort.UNRECOGNIZED]: "v1",
};
const dnsProtocols: Readonly<Record<Dns, string>> = {
  [Dns.DNS_PROTOCOL_DEFAULT]: "Do53",
  [Dns.DNS_PROTOCOL_DNS_OVER_TLS]: "DoT",
  [Dns.DNS_PROTOCOL_DNS_OVER_HTTP]: "DoH",
  [Dns.UNRECOGNIZED]: "Do53",
};

export const hostnameStatuses = defineKind({
  type: "HostnameStatuses.net.talos.dev",
  namespace,
  owner: "network.HostnameSpecController",
  message: message.HostnameStatusSpec,
  yaml: ({ hostname, domainname }) => ({ hostname, domainname }),
});

export const networkStatuses = defineKind({
  type: "NetworkStatuses.net.talos.dev",
  namespace,
  owner: "network.StatusController",
  message: message.StatusSpec,
  yaml: (spec) => ({
    addressReady: spec.addressReady,
    connectivityReady: spec.connectivityReady,
    hostnameReady: spec.hostnameReady,
    etcFilesReady: spec.etcFilesReady,
  }),
});

export const nodeAddresses = defineKind({
  type: "NodeAddresses.net.talos.dev",
  namespace,
  owner: "network.NodeAddressController",
  message: message.NodeAddressSpec,
  yaml: ({ addresses, sortAlgorithm }) => ({
    addresses: addresses.map(prefixText),
    sortAlgorithm: sorts[sortAlgorithm],
  }),
});

export const resolverStatuses = defineKind({
  type: "ResolverStatuses.net.talos.dev",
  namespace,
  owner: "network.ResolverSpecController",
  message: message.ResolverStatusSpec,
  yaml: ({ dnsServers, nameServers, searchDomains }) => ({
    dnsServers: dnsServers.map(ipText),
    nameServers: omitEmpty(
      nameServers.map(({ addr, protocol, tlsServerName }) => ({
        addr: ipText(addr),
        protocol: dnsProtocols[protocol],
        tlsServerName,
      })),
    ),
    searchDomains,
  }),
});

export const timeServerStatuses = defineKind({
  type: "TimeServerStatuses.net.talos.dev",
  namespace,
  owner: "network.TimeServerSpecController",
  message: message.TimeServerStatusSpec,
  yaml: ({ ntpServers, useNts }, release) => ({
    timeServers: ntpServers,
    useNTS: atLeast(release, "1.14.0") ? useNts : undefined,
  }),
});
