import { networkOf, parsePrefix } from "@/lib/machine-config/check/go-net";
import type { ConfigView } from "@/lib/machine-config/check/view";
import type { Rule } from "@/lib/machine-config/rules/rule";

/* types/k8s/network.go */

const leastHostBits = 4;
const mostServiceHostBits = 20;
const mostMaskDifference = 16;

function maskOf(document: ConfigView, field: string, fallback: number, most: number): number | null {
  const mask = document.number(field) || fallback;
  if (mask >= 1 && mask <= most) return mask;
  document.error(field, `It has to be between 1 and ${most}.`);
  return null;
}

type Masks = { ipv4: number | null; ipv6: number | null };

function subnetProblem(text: string, masks: Masks | null): string | null {
  const subnet = parsePrefix(text);
  if (subnet === null) return text === "" ? "A network is wanted." : null;
  if (networkOf(subnet) !== subnet.value) return "The address has bits beyond its prefix length.";
  const hostBits = subnet.bits - subnet.length;
  if (hostBits < leastHostBits) return "The network is too small.";
  if (masks === null)
    return hostBits > mostServiceHostBits
      ? `The network is too large: /${subnet.bits - mostServiceHostBits} at most.`
      : null;
  const mask = subnet.bits === 32 ? masks.ipv4 : masks.ipv6;
  if (mask === null) return null;
  if (subnet.length > mask) return `The network is smaller than what each node gets (/${mask}).`;
  return mask - subnet.length > mostMaskDifference
    ? `The network is too large for nodes that get a /${mask} each.`
    : null;
}

function subnets(document: ConfigView, field: string, masks: Masks | null): void {
  const list = document.items(field);
  if (list.length === 0) document.error(field, "At least one network is wanted.");
  const families = list.map((item) => parsePrefix(item.value)?.bits);
  if (list.length > 2 || (families.length === 2 && families[0] !== undefined && families[0] === families[1]))
    document.error(field, "One IPv4 and one IPv6 network at most.");
  for (const item of list) {
    const problem = subnetProblem(item.value, masks);
    if (problem !== null) item.error("", problem);
  }
}

export const kubeNetwork: Rule = (document) => {
  const masks = {
    ipv4: maskOf(document, "nodeCIDRMaskSizeIPv4", 24, 32),
    ipv6: maskOf(document, "nodeCIDRMaskSizeIPv6", 64, 128),
  };
  subnets(document, "podSubnets", masks);
  subnets(document, "serviceSubnets", null);
  if (document.items("podSubnets").length !== document.items("serviceSubnets").length)
    document.error("serviceSubnets", "There are to be as many as podSubnets.");
};
