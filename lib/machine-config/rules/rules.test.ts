import { describe, expect, test } from "vitest";
import { fieldTable } from "@/lib/machine-config/fields/table";
import { applyPatches } from "@/lib/machine-config/patch";
import { rulesByKind } from "@/lib/machine-config/rules/by-kind";
import type { RuntimeMode } from "@/lib/machine-config/validate-schema";
import { validateConfigText } from "@/lib/machine-config/validate";

const worker =
  "machine: {type: worker, token: a, ca: {crt: YQ==}, install: {disk: /dev/sda}}\ncluster: {controlPlane: {endpoint: 'https://a:6443'}}\n";
const errors = (
  config: string,
  options: { contract: "1.12" | "1.13" | "1.14"; mode?: RuntimeMode } = { contract: "1.14" },
) =>
  validateConfigText(config, options)
    .filter(({ severity }) => severity === "error")
    .map(({ path }) => path);

test("rules are for kinds that Talos has", () => {
  for (const kind of Object.keys(rulesByKind)) expect(fieldTable("1.14").kinds.has(kind), kind).toBe(true);
});

describe("a document's own rules", () => {
  const document = (kind: string, rest: string) => `${worker}---\napiVersion: v1alpha1\nkind: ${kind}\n${rest}\n`;
  test.each<[kind: string, rest: string, path: string | null]>([
    ["VLANConfig", "{name: a, vlanID: 5000, parent: eth0}", "VLANConfig/a.vlanID"],
    ["WireguardConfig", "name: wg0\nprivateKey: abc", "WireguardConfig/wg0.privateKey"],
    ["RegistryMirrorConfig", "name: a\nendpoints: [{url: 'ftp://a'}]", "RegistryMirrorConfig/a.endpoints.0.url"],
    ["TimeSyncConfig", "ntp: {servers: [a]}\nptp: {devices: [b]}", "TimeSyncConfig.ptp"],
    ["NetworkRuleConfig", "name: a\nportSelector: {ports: [80, 70-90]}", "NetworkRuleConfig/a.portSelector.ports.0"],
    ["UserVolumeConfig", "name: a\nvolumeType: directory\nfilesystem: {type: ext4}", "UserVolumeConfig/a.filesystem"],
    ["UserVolumeConfig", "name: a\nvolumeType: directory", null],
    ["VolumeConfig", "name: OTHER", "VolumeConfig/OTHER.name"],
    ["EtcFileConfig", "name: resolv.conf\ncontents: a", "EtcFileConfig/resolv.conf.name"],
    ["KubeNodeConfig", "labels: {'bad label!': a}", "KubeNodeConfig.labels.bad label!"],
    ["ContainerConfig", "name: a\nimage: b\ndependsOn: {containers: [c]}", "ContainerConfig/a.dependsOn.containers.0"],
    [
      "BGPInstanceConfig",
      "name: a\nlocalASN: 1\nneighbors: [{address: 10.0.0.1}, {address: 10.0.0.1}]",
      "BGPInstanceConfig/a.neighbors.1",
    ],
  ])("%s %s", (kind, rest, path) => {
    const body = rest.startsWith("{") ? rest.slice(1, -1).replaceAll(", ", "\n") : rest;
    expect(errors(document(kind, body)).filter((found) => found.startsWith(kind))).toEqual(path === null ? [] : [path]);
  });
});

describe("what depends on the machine and the release", () => {
  const without = worker.replace(", install: {disk: /dev/sda}", "");
  test.each<[string, "1.12" | "1.13" | "1.14", RuntimeMode, string[]]>([
    [without, "1.13", "metal", ["machine.install"]],
    [without, "1.13", "cloud", []],
    [without, "1.14", "metal", []],
    [
      without,
      "1.13",
      "container",
      ["machine.features.hostDNS.enabled", "machine.features.hostDNS.forwardKubeDNSToHost"],
    ],
    [
      worker,
      "1.14",
      "container",
      ["machine.features.hostDNS.enabled", "machine.features.hostDNS.forwardKubeDNSToHost"],
    ],
  ])("%#: %s on %s", (config, contract, mode, expected) => {
    expect(errors(config, { contract, mode })).toEqual(expected);
  });

  test("a null in a list of structs is refused by 1.14", () => {
    const config = worker.replace("install:", "disks: [null], install:");
    expect(errors(config)).toEqual(["machine.disks.0"]);
  });
});

test("unknown fields: where they belong, or what was meant", () => {
  const found = validateConfigText(worker.replace("type: worker,", "type: worker, kublet: {}, nodeLables: {},"), {
    contract: "1.14",
  });
  const said = Object.fromEntries(found.map(({ path, message }) => [path, message]));
  expect(said["machine.kublet"]).toContain("was kubelet meant?");
  expect(said["machine.nodeLables"]).toContain("was nodeLabels meant?");
});

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
  "a kind that every object of the language has a member for is unknown like any other: %s",
  (kind) => {
    const config = `${worker}---\napiVersion: v1alpha1\nkind: ${kind}\nname: a\n`;
    expect(validateConfigText(config, { contract: "1.14" }).filter(({ severity }) => severity === "error")).toEqual([
      expect.objectContaining({ message: "No Talos release up to 1.14 has this kind of document." }),
    ]);
    expect(applyPatches(worker, [`apiVersion: v1alpha1\nkind: ${kind}\nname: a\n`], { contract: "1.14" })).toContain(
      kind,
    );
  },
);

test("a unit that is none", () => {
  const volume =
    "apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: a\nprovisioning: {minSize: 10constructor, diskSelector: {match: system_disk}}\n";
  expect(errors(`${worker}---\n${volume}`)).toEqual(["UserVolumeConfig/a.provisioning.minSize"]);
});
