import { parseAddress, parsePrefix, isSubnetOrAddress } from "@/lib/machine-config/check/go-net";
import { goUrlOrNull } from "@/lib/machine-config/check/go-url";
import { checkCel } from "@/lib/machine-config/check/cel";
import type { ConfigView } from "@/lib/machine-config/check/view";
import { needsName, needsText, notNegative } from "@/lib/machine-config/rules/names";
import type { Rule } from "@/lib/machine-config/rules/rule";

/* Documents of the network that make no link: types/network/*.go. */

export const hostname: Rule = (document, { isAtLeast }) => {
  const [auto, name] = [document.text("auto").toLowerCase(), document.text("hostname")];
  if (auto === "" && name === "") document.error("hostname", "Neither auto nor a hostname is set.");
  if (auto === "off" && name === "") {
    if (!isAtLeast("1.13.3")) document.error("auto", 'Talos refuses auto: "off" without a hostname before 1.13.3.');
    else if (!isAtLeast("1.14"))
      document.warning("auto", 'Talos 1.13.0 to 1.13.2 refuse auto: "off" without a hostname.');
  }
  if (auto !== "off" && auto !== "" && name !== "") document.error("auto", 'A fixed hostname needs auto to be "off".');
  if (auto === "talos-addr") document.error("auto", "stable or off is wanted.");
  if (name === "") return;
  const [host = ""] = name.split(".", 1);
  if (name.length > 253 || host === "" || host.length > 63)
    document.error(
      "hostname",
      "The name is too long, or begins with a dot: 63 characters to the first dot, 253 in all.",
    );
};

const isAddress = (text: string): boolean => parseAddress(text) !== null;

export const layer2Vip: Rule = (document) => {
  if (!isAddress(document.text("name"))) document.error("name", "The name is the virtual address.");
  needsText(document, "link", "The link that carries the address is missing.");
};

export const hcloudVip: Rule = (document, context) => {
  layer2Vip(document, context);
  needsText(document, "apiToken", "The token of the Hetzner API is missing.");
};

export const blackholeRoute: Rule = (document) => {
  if (parsePrefix(document.text("name")) === null)
    document.error("name", "The name is the network, such as 10.0.0.0/8.");
};

export const staticHost: Rule = (document) => {
  if (!isAddress(document.text("name")))
    document.error("name", "The name is the address that the hostnames stand for.");
  if (document.items("hostnames").length === 0) document.error("hostnames", "At least one hostname is wanted.");
};

export const linkAlias: Rule = (document) => {
  if (needsName(document) && document.text("name").includes("%") && !/^[^%]+%d$/.test(document.text("name")))
    document.error("name", "A name for several links ends in %d, and has no other %.");
  checkCel(document, "selector.match", {
    environment: "link",
    type: "bool",
    required: "The expression that selects the link is missing.",
  });
};

export const ethernet: Rule = (document) => void needsName(document);

export const dhcp: Rule = (document) => {
  needsName(document);
  const [identifier, raw] = [document.text("clientIdentifier").toLowerCase(), document.text("duidRaw")];
  if (raw !== "" && identifier !== "duid") document.error("duidRaw", "It needs clientIdentifier to be duid.");
  if (raw === "" && identifier === "duid") document.error("duidRaw", "It is missing, and clientIdentifier is duid.");
};

const isEncrypted = (nameserver: ConfigView): boolean => /^do[th]$/i.test(nameserver.text("protocol"));

export const resolver: Rule = (document, { isAtLeast }) => {
  if (!isAtLeast("1.14")) return;
  if (document.at("hostDNS").filled && document.bool("hostDNS.enabled") !== true) {
    for (const field of ["forwardKubeDNSToHost", "resolveMemberNames"])
      if (document.bool(`hostDNS.${field}`) === true) document.error(`hostDNS.${field}`, "It needs hostDNS.enabled.");
  }
  const nameservers = document.items("nameservers");
  for (const nameserver of nameservers) {
    const server = nameserver.text("tlsServerName");
    if (isEncrypted(nameserver) && server === "")
      nameserver.error("tlsServerName", "Encrypted DNS needs the name that the server proves.");
    if (!isEncrypted(nameserver) && server !== "") nameserver.error("tlsServerName", "It is for DoT and DoH only.");
    if (nameserver.text("address") === "") nameserver.error("address", "The address is missing.");
  }
  if (nameservers.length > 0 && nameservers.every(isEncrypted))
    document.warning(
      "nameservers",
      "All are encrypted: where the clock is wrong at boot, no name can be resolved to correct it.",
    );
};

const reservedPriorities = new Set([0, 32500, 32501, 32766, 32767]);

export const routingRule: Rule = (document) => {
  const name = document.text("name");
  const priority = /^\d+$/.test(name) ? Number(name) : NaN;
  if (!(priority < 2 ** 32)) document.error("name", "The name is the rule's priority, a number.");
  else if (reservedPriorities.has(priority)) document.error("name", "This priority is taken by the system.");
  const table = document.text("table").toLowerCase();
  const action = document.text("action").toLowerCase();
  if (
    (table === "" || table === "unspec" || table === "0") &&
    (action === "" || action === "unspec" || action === "unicast")
  )
    document.error("table", "A routing table, or an action other than unicast, is wanted.");
  if (document.number("fwMask") !== 0 && document.number("fwMark") === 0) document.error("fwMask", "It needs fwMark.");
};

function ends(port: ConfigView): [number, number] {
  const [lo = "", hi = lo] = port.value.split("-");
  return [Number(lo.replaceAll("_", "")), Number(hi.replaceAll("_", ""))];
}

export const networkRule: Rule = (document) => {
  needsName(document);
  const ports = document.items("portSelector.ports");
  if (ports.length === 0) return document.error("portSelector.ports", "The ports are missing.");
  const sorted = ports
    .map((port) => ({ port, range: ends(port) }))
    .sort((left, right) => left.range[0] - right.range[0]);
  for (const [index, { port, range }] of sorted.entries()) {
    const before = sorted[index - 1]?.range;
    if (range[0] > range[1]) port.error("", "The range ends before it begins.");
    else if (before && range[0] <= before[1]) port.error("", "The ranges of ports overlap.");
  }
  for (const rule of document.items("ingress")) needsText(rule, "subnet", "The network is missing.");
};

function probe(document: ConfigView): void {
  needsName(document);
  notNegative(document, "interval");
  notNegative(document, "timeout");
  if (document.number("failureThreshold") < 0) document.error("failureThreshold", "It cannot be negative.");
}

export const tcpProbe: Rule = (document) => {
  probe(document);
  needsText(document, "endpoint", "The endpoint is missing.");
};

export const httpProbe: Rule = (document) => {
  probe(document);
  const text = document.text("url");
  const url = goUrlOrNull(text);
  if (text === "") document.error("url", "The URL is missing.");
  else if (url && (!/^https?$/.test(url.scheme) || url.hostname === ""))
    document.error("url", "A URL that begins with https:// or http:// is wanted.");
};

export const kubeSpan: Rule = (document) => {
  if (document.has("mtu") && document.number("mtu") < 1280)
    document.error("mtu", "The MTU of KubeSpan is 1280 at least.");
  for (const filter of document.items("filters.endpoints"))
    if (!isSubnetOrAddress(filter.value.replace(/^!/, ""))) filter.error("", "A network or an address is wanted.");
};

export const timeSync: Rule = (document) => {
  notNegative(document, "bootTimeout");
  if (document.has("ntp") && document.has("ptp")) document.error("ptp", "ntp and ptp cannot be used together.");
  if (document.bool("ntp.useNTS") !== true) return;
  for (const server of document.items("ntp.servers"))
    if (parseAddress(server.value, { zones: false })) server.error("", "NTS needs the server's name, not its address.");
};
