import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseMachineConfig, valueAt } from "@/lib/machine-config/documents";
import { applyPatches } from "@/lib/machine-config/patch";
import type { VersionContract } from "@/lib/machine-config/schema";

const patched = (config: string, patch: string, contract: VersionContract = "1.14") =>
  applyPatches(config, [patch], { contract });
const at = (config: string, steps: string) => valueAt(parseMachineConfig(config)[0], steps.split("."));

describe("a config keeps its text", () => {
  const base = [
    "machine:",
    "  type: worker",
    "  nodeLabels: {a: 1.10, b: 0644, c: TRUE}",
    "  sysctls: {d: 1e3, e: 0x10, f: 1_000}",
    "  kubelet: {extraArgs: {g: 007}}",
    "  registries: {config: {r: {auth: {password: 0123}}}}",
    "",
  ].join("\n");

  test("where a patch does not touch it", () => {
    const text = patched(base, "machine: {token: 12e03}");
    expect(text).toBe(
      [
        "machine:",
        "    type: worker",
        "    nodeLabels:",
        '        a: "1.10"',
        '        b: "0644"',
        '        c: "TRUE"',
        "    sysctls:",
        '        d: "1e3"',
        '        e: "0x10"',
        '        f: "1_000"',
        "    kubelet:",
        "        extraArgs:",
        '            g: "007"',
        "    registries:",
        "        config:",
        "            r:",
        "                auth:",
        '                    password: "0123"',
        '    token: "12e03"',
        "",
      ].join("\n"),
    );
  });

  test("in what a patch deletes by", () => {
    const config = "machine: {network: {interfaces: [{interface: 0x10, mtu: 1}, {interface: eth0}]}}";
    const text = patched(config, "machine: {network: {interfaces: [{interface: 0x10, $patch: delete}]}}");
    expect(at(text, "machine.network.interfaces")).toEqual([{ interface: "eth0" }]);
  });

  test("a value that Talos cannot read is refused by its place, never quoted", () => {
    expect(() => patched(base, "cluster: {controlPlane: {localAPIServerPort: s3cret}}")).toThrow(
      "The patch cannot be used: cluster.controlPlane.localAPIServerPort: a whole number is expected (line 1).",
    );
  });
});

describe("arguments of components are texts or lists since 1.13, and a patch replaces them whole", () => {
  const config = "cluster: {apiServer: {extraArgs: {feature: [a], other: x}}}";
  const change = "cluster: {apiServer: {extraArgs: {feature: [b]}}}";

  test.each(["1.13", "1.14"] as const)("%s", (contract) => {
    expect(at(patched(config, change, contract), "cluster.apiServer.extraArgs")).toEqual({
      feature: ["b"],
      other: "x",
    });
    const text = "cluster: {apiServer: {extraArgs: {feature: ''}}}";
    expect(at(patched(config, text, contract), "cluster.apiServer.extraArgs.feature")).toBe("");
  });

  test("1.12 has texts only", () => {
    expect(() => patched(config, change, "1.12")).toThrow("extraArgs.feature: a single value is expected");
  });
});

describe("a block text without a last line break", () => {
  const config = "version: v1alpha1\nmachine: {type: worker}\n";
  const change = "machine:\n  files:\n    - path: /a\n      content: |\n        [plugins]\n          a = 1";

  test("gets none", () => {
    const text = patched(config, change);
    expect(valueAt(parseMachineConfig(text)[0], ["machine", "files", 0, "content"])).toBe("[plugins]\n  a = 1");
    expect(text).toContain("content: |-\n");
  });

  const corpus = process.env.ICHOR_CORPUS;
  test.skipIf(!corpus)("nor does one from the field", () => {
    const input = readFileSync(path.join(corpus ?? "", "cases/03-block-text-without-last-newline-patch/input"), "utf8");
    expect(input.endsWith("\n")).toBe(false);
    const text = patched(config, input);
    expect(valueAt(parseMachineConfig(text)[0], ["machine", "files", 0, "content"])).toBe("[plugins]\n  a = 1");
  });
});

describe("JSON patches read what stands without quotes by its form, as Talos does", () => {
  test.each([
    ["machine: {token: 1.10}", "1.1"],
    ["machine: {token: on}", "true"],
    ["machine: {token: 0644}", "420"],
    ["machine: {token: 2024-01-02}", "2024-01-02"],
    ["machine: {token: 1e6}", "1000000"],
    ['machine: {token: "1.10"}', "1.10"],
  ])("%s", (config, token) => {
    const text = patched(config, '[{"op": "add", "path": "/machine/type", "value": "worker"}]');
    expect(at(text, "machine.token")).toBe(token);
    expect(at(text, "machine.type")).toBe("worker");
  });

  test.each([
    ["a number in JSON", '[{"op": "replace", "path": "/machine/token", "value": 1.10}]', "1.1"],
    ["a float in JSON", '[{"op": "replace", "path": "/machine/token", "value": 1000000.0}]', "1e+06"],
    ["a float in YAML", "[{op: replace, path: /machine/token, value: 1000000.0}]", "1000000"],
    ["a date in YAML", "[{op: replace, path: /machine/token, value: 2024-01-02}]", "2024-01-02T00:00:00Z"],
    ["an integer beyond 2^53", "[{op: replace, path: /machine/token, value: 9007199254740993}]", "9007199254740993"],
    ["a text", "[{op: replace, path: /machine/token, value: '0x10'}]", "0x10"],
    ["nothing there yet", "[{op: replace, path: /machine/token, value: a}, {op: test, path: /machine/none}]", "a"],
  ])("%s", (_, patch, token) => {
    expect(at(patched("machine: {type: worker}", patch), "machine.token")).toBe(token);
  });

  test.each([
    ["JSON has no infinity", "machine: {kubelet: {extraConfig: {a: .inf}}}", "[]"],
    ["JSON has no such key", "machine: {kubelet: {extraConfig: {~: a}}}", "[]"],
    ["a number that is none", "machine: {}", "[{op: add, path: /machine/token, value: .nan}]"],
    ["a key that is no text", "machine: {}", "[{op: add, path: /machine/token, value: {a: {1: b}}}]"],
    ["names the whole config", "machine: {}", "[{op: add, path: '', value: {}}]"],
    ["has nothing", "machine: {}", "[{op: move, from: /machine/a, path: /machine/token}]"],
    ["has nothing", "machine: {}", "[{op: test, path: /none/a, value: ~}]"],
  ])("%s", (problem, config, patch) => {
    expect(() => patched(config, patch)).toThrow(problem);
  });
});

test("what a JSON patch breaks is for the check of the config, but no other patch is put on it", () => {
  const breaking = "[{op: replace, path: /machine/kubelet, value: 1}]";
  const text = patched("machine: {type: worker}", breaking);
  expect(at(text, "machine.kubelet")).toBe(1);
  expect(() =>
    applyPatches("machine: {type: worker}", [breaking, "machine: {token: a}"], { contract: "1.14" }),
  ).toThrow("Patch 2: The patched config cannot be used: machine.kubelet: a mapping is expected");
});

test.each([
  ["a key that is no text at machine.kubelet.extraConfig.a", "{a: {1: b}}"],
  ["a bare date at machine.kubelet.extraConfig.a", "{a: 2024-01-02}"],
])("%s: Talos panics as it copies it", (found, extraConfig) => {
  const part = `machine: {kubelet: {extraConfig: ${extraConfig}}}`;
  expect(() => patched("machine: {}", part)).toThrow(`The patch has ${found}, which Talos cannot patch.`);
  expect(() => patched(part, "machine: {token: a}")).toThrow(`The machine config has ${found}`);
});
