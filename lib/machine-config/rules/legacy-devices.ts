import { parseAddress, parseCidr, splitHostPort } from "@/lib/machine-config/check/go-net";
import { isGoBase64 } from "@/lib/machine-config/check/named";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { bondRules } from "@/lib/machine-config/rules/legacy-bond";

/* machine.network.interfaces of the v1alpha1 document: ValidateNetworkDevices and its checks. */

const isIp = (text: string): boolean => parseAddress(text, { zones: false }) !== null;
const isIpOrCidr = (text: string): boolean => (text.includes("/") ? parseCidr(text) !== null : isIp(text));

/** Which links belong to a bond or a bridge, by name. */
function members(devices: readonly ConfigView[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const device of devices) {
    const name = device.text("interface");
    if (device.has("bond") && device.has("bridge")) device.error("bridge", "A link is a bond or a bridge, not both.");
    if (device.items("bond.interfaces").length > 0 && device.items("bond.deviceSelectors").length > 0)
      device.error("bond.deviceSelectors", "interfaces and deviceSelectors exclude each other.");
    for (const item of device.items(device.has("bridge") ? "bridge.interfaces" : "bond.interfaces")) {
      const owner = owners.get(item.value);
      if (owner !== undefined && owner !== name) item.error("", "The link belongs to another bond or bridge, too.");
      owners.set(item.value, name);
    }
  }
  return owners;
}

export function legacyDevices(machine: ConfigView, isWorker: boolean): void {
  const devices = machine.items("network.interfaces", { pointers: true });
  const owners = members(devices);
  for (const device of devices) {
    if (isWorker) {
      for (const link of [device, ...device.items("vlans")])
        if (link.has("vip")) link.error("vip", "A virtual address belongs to control plane nodes only.");
    }
    if (!device.present) device.error("", "It is empty.");
    else if (device.bool("ignore") !== true) {
      identity(device);
      addressing(device, owners);
      routes(device);
    }
  }
}

function identity(device: ConfigView): void {
  const selector = device.at("deviceSelector");
  const named = device.text("interface") !== "";
  if (named === selector.present)
    device.error(
      named ? "deviceSelector" : "interface",
      named ? "interface and deviceSelector exclude each other." : "interface or deviceSelector is wanted.",
    );
  if (
    selector.present &&
    !selector.members().some(([, value]) => value.present && (value.value !== "" || value.filled))
  )
    selector.error("", "The selector is empty.");
  if (device.has("bond")) bondRules(device.at("bond"));
  if (device.has("wireguard")) wireguard(device.at("wireguard"));
  for (const vlan of device.items("vlans")) {
    if (vlan.items("addresses").length > 0 && vlan.text("cidr") !== "")
      vlan.error("cidr", "addresses and cidr exclude each other.");
    if (vlan.text("cidr") !== "" && !isIpOrCidr(vlan.text("cidr"))) vlan.error("cidr", "An address is wanted.");
    for (const address of vlan.items("addresses"))
      if (!isIpOrCidr(address.value)) address.error("", "An address is wanted, such as 10.0.0.5/24.");
  }
}

function addressing(device: ConfigView, owners: ReadonlyMap<string, string>): void {
  const addresses = device.items("addresses");
  const cidr = device.text("cidr");
  if (owners.has(device.text("interface"))) {
    const used = ["dhcp", "cidr", "addresses", "vip"].find((field) =>
      field === "dhcp" ? device.bool("dhcp") === true : field === "vip" ? device.has("vip") : device.at(field).filled,
    );
    if (used !== undefined) device.error(used, "A member of a bond or bridge has no address of its own.");
  }
  if (addresses.length > 0 && cidr !== "") device.error("cidr", "addresses and cidr exclude each other.");
  if (cidr !== "") {
    device.warning("cidr", "Deprecated: use addresses.");
    if (!isIpOrCidr(cidr)) device.error("cidr", "An address is wanted, such as 10.0.0.5/24.");
  }
  for (const address of addresses)
    if (!isIpOrCidr(address.value)) address.error("", "An address is wanted, such as 10.0.0.5/24.");
  if (device.has("vip") && !isIp(device.text("vip.ip"))) device.error("vip.ip", "An IP address is wanted.");
}

function routes(device: ConfigView): void {
  for (const route of device.items("routes")) {
    const [network, gateway, source] = [route.text("network"), route.text("gateway"), route.text("source")];
    if (network !== "" && parseCidr(network) === null)
      route.error("network", "A network is wanted, such as 10.0.0.0/24.");
    if (gateway !== "" && !isIp(gateway)) route.error("gateway", "An IP address is wanted.");
    if (network === "" && gateway === "") route.error("", "network or gateway is wanted.");
    if (source !== "" && !isIp(source)) route.error("source", "An IP address is wanted.");
  }
}

const isKey = (text: string): boolean => isGoBase64(text) && Buffer.from(text, "base64").length === 32;

function isPeerEndpoint(text: string): boolean {
  const split = splitHostPort(text);
  return split !== null && (!split.host.includes(":") || parseAddress(split.host) !== null);
}

function wireguard(part: ConfigView): void {
  if (!isKey(part.text("privateKey"))) part.error("privateKey", "A key of WireGuard is 32 bytes in base64.");
  for (const peer of part.items("peers")) {
    if (!isKey(peer.text("publicKey"))) peer.error("publicKey", "A key of WireGuard is 32 bytes in base64.");
    const endpoint = peer.text("endpoint");
    if (endpoint !== "" && !isPeerEndpoint(endpoint)) peer.error("endpoint", "An address with its port is wanted.");
    for (const network of peer.items("allowedIPs"))
      if (parseCidr(network.value) === null) network.error("", "A network is wanted, such as 10.0.0.0/24.");
  }
}
