/* Addresses as Go reads them (net/netip and net): stricter than most libraries, so that a text is refused where Talos refuses it. */

/** `bits` is 32 or 128; `value` the address as a number; an IPv6 zone is dropped. */
export type GoAddress = { bits: 32 | 128; value: bigint };
export type GoPrefix = GoAddress & { length: number };

function ipv4(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = value * 256n + BigInt(part);
  }
  return value;
}

/** `ends`: the address ends here, so that the last group may be an IPv4 address. */
function groups(text: string, ends: boolean): bigint[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const found: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.includes(".")) {
      const tail = ends && index === parts.length - 1 ? ipv4(part) : null;
      if (tail === null) return null;
      found.push(tail >> 16n, tail & 0xffffn);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      found.push(BigInt(`0x${part}`));
    }
  }
  return found;
}

function ipv6(text: string): bigint | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = [groups(halves[0] ?? "", halves.length === 1), groups(halves[1] ?? "", true)];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...head, ...Array.from({ length: Math.max(missing, 0) }, () => 0n), ...tail];
  return all.reduce((value, group) => (value << 16n) + group, 0n);
}

/** `netip.ParseAddr`; `zones: false` is `net.ParseIP`, which takes none. Null where Go refuses the text. */
export function parseAddress(text: string, { zones = true } = {}): GoAddress | null {
  if (!text.includes(":")) {
    const value = ipv4(text);
    return value === null ? null : { bits: 32, value };
  }
  const [address = "", zone] = text.split(/%(.*)/s);
  if (zone !== undefined && (!zones || zone === "")) return null;
  const value = ipv6(address);
  return value === null ? null : { bits: 128, value };
}

/** `netip.ParsePrefix`: an address without a zone, a slash, a length without leading zeros. */
export function parsePrefix(text: string): GoPrefix | null {
  const slash = text.lastIndexOf("/");
  if (slash < 0) return null;
  const address = parseAddress(text.slice(0, slash), { zones: false });
  const bits = text.slice(slash + 1);
  if (address === null || !/^(?:0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > address.bits) return null;
  return { ...address, length: Number(bits) };
}

/** `net.ParseCIDR`, which lets the length have leading zeros. */
export const parseCidr = (text: string): GoPrefix | null => parsePrefix(text.replace(/\/0+(?=\d)/, "/"));

/** `sideronet.ParseSubnetOrAddress` of Talos. */
export const isSubnetOrAddress = (text: string): boolean => parsePrefix(text) !== null || parseAddress(text) !== null;

/** The first address of the network. */
export const networkOf = ({ bits, value, length }: GoPrefix): bigint => {
  const host = BigInt(bits - length);
  return (value >> host) << host;
};

/** `net.SplitHostPort`. Null where Go refuses the text. */
export function splitHostPort(text: string): { host: string; port: string } | null {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return null;
  if (!text.startsWith("[")) {
    const host = text.slice(0, colon);
    return /[:[\]]/.test(host) || /[[\]]/.test(text.slice(colon)) ? null : { host, port: text.slice(colon + 1) };
  }
  const end = text.indexOf("]");
  if (end < 0 || end + 1 !== colon) return null;
  const host = text.slice(1, end);
  return /[[\]]/.test(host) || /[[\]]/.test(text.slice(end + 1)) ? null : { host, port: text.slice(colon + 1) };
}

/** `netip.ParseAddrPort`: a bracketed IPv6 or plain IPv4 address, and a port that fits. */
export function isAddressPort(text: string): boolean {
  const split = splitHostPort(text);
  if (!split || !/^(?:0|[1-9]\d{0,4})$/.test(split.port) || Number(split.port) > 65535) return false;
  const address = parseAddress(split.host);
  return address !== null && (address.bits === 128) === text.startsWith("[");
}
