import { parseAddress, parsePrefix } from "@/lib/machine-config/check/go-net";
import { isGoBase64 } from "@/lib/machine-config/check/named";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { needsName, needsText } from "@/lib/machine-config/rules/names";
import type { Rule } from "@/lib/machine-config/rules/rule";

/* Links: types/network/{link,bond,bridge,dummy,vlan,vrf,veth,wireguard}.go. */

const isUnspecified = (text: string): boolean => parseAddress(text)?.value === 0n;

/** Addresses and routes that every kind of link may have (CommonLinkConfig). */
function common(link: ConfigView): void {
  for (const address of link.items("addresses")) {
    const text = address.text("address");
    if (text === "") address.error("address", "The address is missing.");
    else if (parsePrefix(text)?.value === 0n)
      address.error("address", "The unspecified address cannot be given to a link.");
  }
  for (const route of link.items("routes")) {
    if (parsePrefix(route.text("destination"))?.value === 0n) {
      route.error("destination", "The default route is written without a destination: leave the field out.");
    }
    for (const field of ["gateway", "source"]) {
      if (isUnspecified(route.text(field))) route.error(field, "The unspecified address is no gateway and no source.");
    }
  }
}

function named(document: ConfigView): void {
  needsName(document);
  common(document);
}

export const link: Rule = named;

export const bond: Rule = (document) => {
  named(document);
  if (document.items("links").length === 0) document.error("links", "A bond needs at least one link.");
  if (!document.has("bondMode")) document.error("bondMode", "The mode of the bond is missing.");
  else if (document.text("bondMode").toLowerCase() === "802.3ad") {
    for (const field of ["miimon", "updelay", "downdelay"])
      if (!document.has(field)) document.warning(field, `A bond in 802.3ad mode should have ${field}.`);
  }
};

export const vlan: Rule = (document) => {
  named(document);
  const id = document.number("vlanID");
  if (id < 1 || id > 4094) document.error("vlanID", "The VLAN's number has to be between 1 and 4094.");
  needsText(document, "parent", "The link that carries the VLAN is missing.");
};

const reservedTables = new Set(["", "unspec", "local", "main", "default", "0", "253", "254", "255"]);

export const vrf: Rule = (document) => {
  named(document);
  if (reservedTables.has(document.text("table").toLowerCase()))
    document.error("table", "A VRF needs a routing table of its own; local, main and default are taken.");
};

function vethName(document: ConfigView, path: string): void {
  const name = document.text(path);
  const bad = /[/:\s]|[^\p{L}\p{M}\p{N}\p{P}\p{S}]/u;
  if (name === "") document.error(path, "The name is missing.");
  else if (new TextEncoder().encode(name).length > 15) document.error(path, "The name is longer than 15 bytes.");
  else if (name === "." || name === ".." || bad.test(name)) document.error(path, "A link cannot have this name.");
}

export const veth: Rule = (document) => {
  vethName(document, "name");
  vethName(document, "peer.name");
  if (document.text("name") !== "" && document.text("name") === document.text("peer.name"))
    document.error("peer.name", "The two ends need different names.");
  common(document);
  common(document.at("peer"));
};

const isWireguardKey = (text: string): boolean => isGoBase64(text) && Buffer.from(text, "base64").length === 32;

function wireguardKey(view: ConfigView, path: string, required: boolean): void {
  const key = view.text(path);
  if (key === "") {
    if (required) view.error(path, "The key is missing.");
  } else if (!isWireguardKey(key)) view.error(path, "A key of WireGuard is 32 bytes in base64.");
}

export const wireguard: Rule = (document) => {
  named(document);
  wireguardKey(document, "privateKey", true);
  const port = document.number("listenPort");
  if (port < 0 || port > 65535) document.error("listenPort", "The port has to be between 0 and 65535.");
  for (const peer of document.items("peers")) {
    wireguardKey(peer, "publicKey", true);
    wireguardKey(peer, "presharedKey", false);
    if (peer.text("persistentKeepaliveInterval").startsWith("-"))
      peer.error("persistentKeepaliveInterval", "The interval cannot be negative.");
  }
};
