import { networkOf, parseAddress, parsePrefix, type GoPrefix } from "@/lib/machine-config/check/go-net";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { needsName, notNegative } from "@/lib/machine-config/rules/names";
import type { Rule } from "@/lib/machine-config/rules/rule";

/* types/network/bgp.go */

const overlap = (left: GoPrefix, right: GoPrefix): boolean => {
  if (left.bits !== right.bits) return false;
  const length = Math.min(left.length, right.length);
  return networkOf({ ...left, length }) === networkOf({ ...right, length });
};

function neighbors(document: ConfigView): void {
  const seen = new Set<string>();
  for (const neighbor of document.items("neighbors")) {
    const [address, link] = [neighbor.text("address"), neighbor.text("link")];
    if ((address === "") === (link === ""))
      neighbor.error("address", "A neighbour has an address or a link, and not both.");
    else if (seen.has(address || link)) neighbor.error("", "This neighbour is there twice.");
    seen.add(address || link);
    notNegative(neighbor, "holdTime");
    if (!neighbor.has("bfd")) continue;
    if (document.text("vrf") !== "") neighbor.error("bfd", "An instance in a VRF has no BFD.");
    notNegative(neighbor, "bfd.transmitInterval");
    notNegative(neighbor, "bfd.receiveInterval");
  }
}

function imports(document: ConfigView): void {
  const sources = new Set<string>();
  const known: GoPrefix[] = [];
  for (const route of document.items("importRoutes")) {
    const source = route.text("bgpInstance");
    if (source === "") route.error("bgpInstance", "The instance to import from is missing.");
    else if (source === document.text("name")) route.error("bgpInstance", "An instance cannot import from itself.");
    else if (sources.has(source)) route.error("bgpInstance", "This instance is there twice.");
    sources.add(source);
    if (route.items("prefixes").length === 0) route.error("prefixes", "At least one network is wanted.");
    for (const item of route.items("prefixes")) {
      const prefix = parsePrefix(item.value);
      if (prefix === null) {
        if (item.value === "") item.error("", "A network is wanted.");
      } else if (networkOf(prefix) !== prefix.value) item.error("", "The address has bits beyond its prefix length.");
      else if (known.some((other) => overlap(other, prefix))) item.error("", "It overlaps another network.");
      if (prefix) known.push(prefix);
    }
  }
}

export const bgpInstance: Rule = (document) => {
  needsName(document);
  if (document.number("localASN") === 0) document.error("localASN", "The number of the autonomous system is missing.");
  if (parseAddress(document.text("routerID"))?.bits === 128) document.error("routerID", "An IPv4 address is wanted.");
  if (document.items("neighbors").length === 0) document.warning("neighbors", "There are no neighbours.");
  neighbors(document);
  imports(document);
};
