import { isYamlSequence, type YamlValue } from "@/lib/core/go-yaml";
import {
  documentId,
  documentLabel,
  documentOfKind,
  isLegacyDocument,
  isYamlMap,
  legacyDocument,
  valueAt,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";

/** A node that is there already. */
export type OtherNode = {
  name: string;
  hostname: string | null;
  /** Without ports and prefix lengths. */
  addresses: readonly string[];
  reachable: boolean;
};

export type Surroundings = {
  role: "controlplane" | "worker";
  clusterName: string;
  /** Host of the cluster's Kubernetes endpoint. */
  endpointHost: string | null;
  others: readonly OtherNode[];
};

type Place = { path: string; text: string };

const textAt = (value: YamlValue | undefined, path: string): Place[] =>
  typeof value === "string" && value !== "" ? [{ path, text: value }] : [];

const itemsOf = (value: YamlValue | undefined): readonly YamlValue[] => (isYamlSequence(value) ? value : []);

/** `addresses` of an interface or link: texts, or mappings with `address`. */
const addressesAt = (value: YamlValue | undefined, path: string): Place[] =>
  itemsOf(value).flatMap((item, index) =>
    isYamlMap(item) ? textAt(item.address, `${path}.${index}.address`) : textAt(item, `${path}.${index}`),
  );

function legacyInterfaces(legacy: MachineConfigDocument | undefined): { fixed: Place[]; virtual: Place[] } {
  const base = "machine.network.interfaces";
  const fixed: Place[] = [];
  const virtual: Place[] = [];
  itemsOf(valueAt(legacy, base.split("."))).forEach((device, index) => {
    const path = `${base}.${index}`;
    const links = [
      { value: device, path },
      ...itemsOf(valueAt(device, ["vlans"])).map((value, vlan) => ({ value, path: `${path}.vlans.${vlan}` })),
    ];
    for (const link of links) {
      fixed.push(...textAt(valueAt(link.value, ["cidr"]), `${link.path}.cidr`));
      fixed.push(...addressesAt(valueAt(link.value, ["addresses"]), `${link.path}.addresses`));
      virtual.push(...textAt(valueAt(link.value, ["vip", "ip"]), `${link.path}.vip.ip`));
    }
  });
  return { fixed, virtual };
}

function documentAddresses(documents: readonly MachineConfigDocument[]): { fixed: Place[]; virtual: Place[] } {
  const others = documents.filter((document) => !isLegacyDocument(document));
  return {
    fixed: others.flatMap((document) =>
      addressesAt(document.addresses, `${documentLabel(documentId(document))}.addresses`),
    ),
    virtual: others
      .filter(({ kind }) => kind === "Layer2VIPConfig")
      .flatMap((document) => textAt(document.name, documentLabel(documentId(document)))),
  };
}

const bare = (address: string): string => (address.split("/")[0] ?? "").toLowerCase();

/** Kubernetes knows a node by the first label, in lower case; what stands after it is the domain. */
const nodeName = (hostname: string): string => (hostname.split(".")[0] ?? "").toLowerCase();

function hostnameIssues(documents: readonly MachineConfigDocument[], around: Surroundings): ConfigIssue[] {
  const places = [
    ...textAt(valueAt(documentOfKind(documents, "HostnameConfig"), ["hostname"]), "HostnameConfig.hostname"),
    ...textAt(valueAt(legacyDocument(documents), ["machine", "network", "hostname"]), "machine.network.hostname"),
  ];
  return places.flatMap(({ path, text }): ConfigIssue[] => {
    const same = around.others.find(({ hostname }) => hostname !== null && nodeName(hostname) === nodeName(text));
    if (!same) return [];
    const has = `${around.clusterName} has a node called ${text} already`;
    return same.reachable
      ? [{ severity: "error", path, message: `${has}: two nodes of one name take each other's place in Kubernetes.` }]
      : [
          {
            severity: "warning",
            path,
            message: `${has}, which does not answer. If this machine replaces it, remove it first.`,
          },
        ];
  });
}

/**
 * What the other nodes say of a config's host name and addresses: a name that the cluster has, a fixed or virtual address in use, a
 * worker at the cluster's own endpoint. Pure.
 */
export function networkIssues(documents: readonly MachineConfigDocument[], around: Surroundings): ConfigIssue[] {
  const legacy = legacyInterfaces(legacyDocument(documents));
  const newer = documentAddresses(documents);
  const owner = (address: string) => around.others.find(({ addresses }) => addresses.includes(bare(address)));
  const fixed = [...legacy.fixed, ...newer.fixed].flatMap(({ path, text }): ConfigIssue[] => {
    const taken = owner(text);
    if (taken) return [{ severity: "error", path, message: `${taken.name} has the address ${bare(text)} already.` }];
    return around.role === "worker" && around.endpointHost === bare(text)
      ? [
          {
            severity: "error",
            path,
            message: `${bare(text)} is the address of ${around.clusterName}'s Kubernetes API.`,
          },
        ]
      : [];
  });
  const virtual = [...legacy.virtual, ...newer.virtual].flatMap(({ path, text }): ConfigIssue[] => {
    // While a control plane leads, the shared address is among its own; only one that it is dialled by is its own.
    const taken = around.others.find(({ addresses }) => addresses[0] === bare(text));
    const own = [...legacy.fixed, ...newer.fixed].some((place) => bare(place.text) === bare(text));
    if (own) return [{ severity: "error", path, message: `${bare(text)} is the machine's own address, too.` }];
    return taken ? [{ severity: "error", path, message: `${bare(text)} is the address of ${taken.name}.` }] : [];
  });
  return [...hostnameIssues(documents, around), ...fixed, ...virtual];
}
