import { describe, expect, test } from "vitest";
import { assertMayDial, type DialRule, machineRule, mayDial, parseNetworks } from "./address-rule";

const service: DialRule = { kind: "service", url: "https://factory.example.org" };
const localService: DialRule = { kind: "service", url: "http://127.0.0.1:4000" };
const everywhere = parseNetworks(["0.0.0.0/0", "::/0"]);

const machines = ["10.0.0.5", "192.168.1.9", "172.31.0.1", "100.64.0.7", "8.8.8.8", "fd00::5", "2a01:4f8::1"];
const metadata = [
  "169.254.169.254",
  "169.254.169.123",
  "169.254.170.2",
  "168.63.129.16",
  "100.100.100.200",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "64:ff9b::169.254.169.254",
  "64:ff9b::6464:64c8",
  // As old libraries read numbers.
  "0xa9.0xfe.0xa9.0xfe",
  "2852039166",
  "0251.0376.0251.0376",
];
const loopback = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "127.1", "0x7f000001"];
const nowhere = [
  "0.0.0.0",
  "0.1.2.3",
  "::",
  "169.254.1.1",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "fec0::1",
  "224.0.0.1",
  "ff02::1",
  "255.255.255.255",
  "240.0.0.1",
  "::127.0.0.1",
  "::10.0.0.5",
  "::ffff:0:127.0.0.1",
  "64:ff9b:1::127.0.0.1",
  "2002:7f00:1::",
  "2002:a9fe:a9fe::1",
  "2001:0:a9fe:a9fe::1",
  "not-an-address",
  "10.0.0.5/8",
  "",
];

describe("addresses that may be dialled", () => {
  test.each(machines)("%s, by whoever names it", (host) => {
    expect(mayDial(host, machineRule, [])).toBe(true);
    expect(mayDial(host, service, [])).toBe(true);
  });
  test.each(metadata)("%s never: a metadata service, whatever networks are allowed", (host) => {
    for (const rule of [machineRule, service, localService]) {
      expect(mayDial(host, rule, [])).toBe(false);
      expect(mayDial(host, rule, everywhere)).toBe(false);
    }
  });
  test.each(loopback)("%s only where an administrator's setting says loopback", (host) => {
    expect(mayDial(host, machineRule, [])).toBe(false);
    expect(mayDial(host, service, [])).toBe(false);
    expect(mayDial(host, localService, [])).toBe(true);
    expect(mayDial(host, machineRule, parseNetworks(["127.0.0.0/8", "::1/128"]))).toBe(true);
  });
  test.each(nowhere)("“%s” not", (host) => {
    for (const rule of [machineRule, service, localService]) expect(mayDial(host, rule, [])).toBe(false);
  });
  test("NAT64 of a public address is that address, since IPv6-only hosts reach the factory so", () => {
    expect(mayDial("64:ff9b::8.8.8.8", service, [])).toBe(true);
  });
  test("a refusal says what happened and who can allow it", () => {
    expect(() => assertMayDial("127.0.0.1", machineRule, [])).toThrow("Ichor does not dial it");
  });
});
