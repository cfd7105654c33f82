import { describe, expect, test } from "vitest";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { networkIssues, type OtherNode, type Surroundings } from "./network-issues";

const node = (over: Partial<OtherNode> = {}): OtherNode => ({
  name: "w-01",
  hostname: "w-01",
  addresses: ["10.5.0.11"],
  reachable: true,
  ...over,
});
const around = (over: Partial<Surroundings> = {}): Surroundings => ({
  role: "worker",
  clusterName: "forge",
  endpointHost: "10.5.0.1",
  others: [node()],
  ...over,
});
const issuesOf = (yaml: string, over: Partial<Surroundings> = {}) =>
  networkIssues(parseMachineConfig(yaml), around(over)).map(
    ({ severity, path, message }) => `${severity} ${path}: ${message}`,
  );
const doc = (kind: string, rest: string) => `apiVersion: v1alpha1\nkind: ${kind}\n${rest}`;

describe("a host name that the cluster has", () => {
  test.each([
    [doc("HostnameConfig", "hostname: w-01\n"), "HostnameConfig.hostname"],
    [doc("HostnameConfig", "hostname: W-01.lan\n"), "HostnameConfig.hostname"],
    ["machine:\n  network:\n    hostname: w-01\n", "machine.network.hostname"],
  ])("%s", (yaml, path) => {
    expect(issuesOf(yaml)).toEqual([
      expect.stringMatching(new RegExp(`^error ${path}: forge has a node called .* already: two nodes`)),
    ]);
  });
  test("of a node that does not answer is a warning with the way out", () => {
    expect(issuesOf(doc("HostnameConfig", "hostname: w-01\n"), { others: [node({ reachable: false })] })).toEqual([
      "warning HostnameConfig.hostname: forge has a node called w-01 already, which does not answer. If this machine replaces it, remove it first.",
    ]);
  });
  test("of another cluster is none", () => {
    expect(issuesOf(doc("HostnameConfig", "hostname: w-01\n"), { others: [node({ hostname: null })] })).toEqual([]);
    expect(issuesOf(doc("HostnameConfig", "hostname: w-02\n"))).toEqual([]);
  });
});

describe("an address in use", () => {
  test.each([
    [
      "machine:\n  network:\n    interfaces:\n      - addresses: [10.5.0.11/24]\n",
      "machine.network.interfaces.0.addresses.0",
    ],
    ["machine:\n  network:\n    interfaces:\n      - cidr: 10.5.0.11/24\n", "machine.network.interfaces.0.cidr"],
    [
      "machine:\n  network:\n    interfaces:\n      - vlans: [{addresses: [10.5.0.11/24]}]\n",
      "machine.network.interfaces.0.vlans.0.addresses.0",
    ],
    [doc("LinkConfig", "name: eth0\naddresses:\n  - address: 10.5.0.11/24\n"), "LinkConfig/eth0.addresses.0.address"],
    [doc("BondConfig", "name: bond0\naddresses:\n  - address: 10.5.0.11/24\n"), "BondConfig/bond0.addresses.0.address"],
  ])("%s", (yaml, path) => {
    expect(issuesOf(yaml)).toEqual([`error ${path}: w-01 has the address 10.5.0.11 already.`]);
  });
  test("the cluster's own endpoint is no worker's", () => {
    const yaml = doc("LinkConfig", "name: eth0\naddresses:\n  - address: 10.5.0.1/24\n");
    expect(issuesOf(yaml)).toEqual([expect.stringContaining("10.5.0.1 is the address of forge's Kubernetes API")]);
    expect(issuesOf(yaml, { role: "controlplane" })).toEqual([]);
  });
  test("a virtual address that a machine has for its own", () => {
    const yaml = "machine:\n  network:\n    interfaces:\n      - vip: {ip: 10.5.0.11}\n";
    expect(issuesOf(yaml)).toEqual([expect.stringContaining("10.5.0.11 is the address of w-01")]);
    expect(issuesOf(doc("Layer2VIPConfig", "name: 10.5.0.11\nlink: eth0\n"))).toHaveLength(1);
    // The leader carries it beside its own.
    expect(issuesOf(yaml, { others: [node({ addresses: ["10.5.0.2", "10.5.0.11"] })] })).toEqual([]);
    expect(
      issuesOf("machine:\n  network:\n    interfaces:\n      - {addresses: [10.5.0.9/24], vip: {ip: 10.5.0.9}}\n"),
    ).toEqual([expect.stringContaining("the machine's own address, too")]);
  });
  test("a free one is none", () => {
    expect(issuesOf(doc("LinkConfig", "name: eth0\naddresses:\n  - address: 10.5.0.12/24\n"))).toEqual([]);
  });
});
