import { expect, test } from "vitest";
import { checkConfig } from "./node/config-check";
import { InvalidConfig } from "./node/config-facts";

const legacy = (machine: string) =>
  `version: v1alpha1\nmachine:\n    type: worker\n    token: abcdef.0123456789abcdef\n${machine}cluster:\n    controlPlane:\n        endpoint: https://10.5.0.1:6443\n`;
const refusal = (text: string, release = "v1.14.0"): string => {
  try {
    checkConfig(text, release);
  } catch (error) {
    if (error instanceof InvalidConfig) return error.message;
    throw error;
  }
  return "";
};

test("a node judges a config by the rules that the product validates with", () => {
  const install = "    install:\n        disk: /dev/sda\n";
  expect(refusal(legacy(install))).toMatch(/^1 error occurred:\n\t\* machine\.ca\.crt: .*\n\n$/);
  const wrongLabel = `${legacy(install)}---\napiVersion: v1alpha1\nkind: KubeNodeConfig\nlabels:\n    "bad label!": "1"\n`;
  expect(refusal(wrongLabel)).toMatch(/^2 errors occurred:\n[^]*\* KubeNodeConfig/);
  const unknownDeepDown = legacy(`${install}    kubelet:\n        extraArgz: {}\n`);
  expect(refusal(unknownDeepDown)).toContain("extraArgz");
  const wrongType = legacy(`${install}    network:\n        interfaces: eth0\n`);
  expect(refusal(wrongType)).toContain("machine.network.interfaces");
});

test("what a node cannot load it says in Talos' own words", () => {
  expect(refusal("apiVersion: v1alpha1\nkind: NopeConfig\n")).toBe(
    'error decoding document v1alpha1/NopeConfig/ (line 1): "NopeConfig" "v1alpha1": not registered',
  );
  expect(refusal("install:\n    disk: /dev/sda\n")).not.toBe("");
  expect(refusal("")).toBe("config not found");
});

test("documents alone are a part of a config, and are not judged as a whole", () => {
  expect(refusal("apiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n")).toBe("");
});
