import { createHash } from "node:crypto";
import { nodeIdentity } from "./identity";
import type { SimNode } from "./node";

/** A host name made of the node's identity, as Talos makes it: digits of a hash of it in base 36 (network/hostname_config.go). */
export function stableHostname(node: SimNode): string {
  const hash = createHash("sha256").update(nodeIdentity(node)).digest().readBigUInt64BE();
  const digits = hash.toString(36);
  return `talos-${digits.slice(1, 4)}-${digits.slice(4, 7)}`;
}

/** A host name made of the node's address. */
export const addressHostname = ({ address }: SimNode): string => `talos-${address.replaceAll(".", "-")}`;

/** The host name of a machine without a config, as a DHCP server would give it. */
export const waitingHostname = ({ machine: { uuid } }: SimNode): string =>
  `talos-${uuid.slice(0, 3)}-${uuid.slice(-3)}`;
