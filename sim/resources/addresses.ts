import type { NetIP, NetIPPrefix } from "@/lib/talos/gen/common/common";

const octets = (ipv4: string): Buffer => Buffer.from(ipv4.split(".").map(Number));

/** An IPv4 address as Go's netip marshals it: its bytes. */
export const netIp = (ipv4: string): NetIP => ({ ip: octets(ipv4) });

/** `127.4.1.1/8` */
export function netIpPrefix(text: string): NetIPPrefix {
  const [ipv4 = "", length = "32"] = text.split("/");
  return { ip: octets(ipv4), prefixLength: Number(length) };
}

/** The address in words; empty for the zero address. */
export const ipText = (address: NetIP | undefined): string => [...(address?.ip ?? [])].join(".");

/** The prefix in words; empty for the zero prefix. */
export const prefixText = (prefix: NetIPPrefix | undefined): string =>
  prefix && prefix.ip.length > 0 ? `${[...prefix.ip].join(".")}/${prefix.prefixLength}` : "";

/** `3c:ec:ef:00:00:01` as bytes. */
export const hardwareAddress = (text: string): Buffer => Buffer.from(text.replaceAll(":", ""), "hex");

export const hardwareText = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
