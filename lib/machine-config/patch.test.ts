import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { YamlValue } from "@/lib/core/go-yaml";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { applyPatches } from "@/lib/machine-config/patch";

const patch = (config: string, ...patches: string[]) =>
  parseMachineConfig(applyPatches(config, patches, { contract: "1.14" }));
const base = "version: v1alpha1\nmachine: {type: worker, nodeLabels: {a: x}}\n";

describe("merge", () => {
  test.each<[string, string, string, YamlValue]>([
    [
      "lists append, without looking for the same",
      "machine: {certSANs: [a]}",
      "machine: {certSANs: [a, b]}",
      { machine: { certSANs: ["a", "a", "b"] } },
    ],
    [
      "subnets are replaced",
      "cluster: {network: {podSubnets: [a]}}",
      "cluster: {network: {podSubnets: [b]}}",
      { cluster: { network: { podSubnets: ["b"] } } },
    ],
    [
      "search domains are replaced, by none as well",
      "apiVersion: v1alpha1\nkind: ResolverConfig\nsearchDomains: {domains: [a]}",
      "apiVersion: v1alpha1\nkind: ResolverConfig\nsearchDomains: {domains: []}",
      { apiVersion: "v1alpha1", kind: "ResolverConfig", searchDomains: { domains: [] } },
    ],
    [
      "empty texts change nothing",
      "machine: {nodeLabels: {a: x}}",
      'machine: {nodeLabels: {a: "", b: ""}}',
      { machine: { nodeLabels: { a: "x", b: "" } } },
    ],
    ["null changes nothing", "machine: {type: worker}", "machine: {type: null}", { machine: { type: "worker" } }],
    ["false is set", "debug: true", "debug: false", { debug: false }],
    [
      "addresses keep their old path",
      "cluster: {controlPlane: {endpoint: 'https://a:1/x?y'}}",
      "cluster: {controlPlane: {endpoint: 'https://b'}}",
      { cluster: { controlPlane: { endpoint: "https://b/x?y" } } },
    ],
    [
      "interfaces merge by name",
      "machine: {network: {interfaces: [{interface: e, mtu: 1}]}}",
      "machine: {network: {interfaces: [{interface: e, dhcp: true}]}}",
      { machine: { network: { interfaces: [{ interface: "e", mtu: 1, dhcp: true }] } } },
    ],
    [
      "arguments are replaced one by one",
      "cluster: {proxy: {extraArgs: {a: [x], b: y}}}",
      "cluster: {proxy: {extraArgs: {a: [z]}}}",
      { cluster: { proxy: { extraArgs: { a: ["z"], b: "y" } } } },
    ],
  ])("%s", (_, config, change, expected) => {
    expect(patch(config, change)).toEqual([expected]);
  });

  test("an expression that the patch leaves out is erased, as upstream erases it", () => {
    const config =
      "apiVersion: v1alpha1\nkind: UnattendedInstallConfig\nprovisioning: {diskSelector: {match: x}, wipe: false}\n";
    const change = "apiVersion: v1alpha1\nkind: UnattendedInstallConfig\ninstaller: {image: i}\n";
    expect(patch(config, change)[0]).toMatchObject({
      installer: { image: "i" },
      provisioning: { diskSelector: {}, wipe: false },
    });
  });
});

describe("refusals", () => {
  test.each([
    ["nothing to delete", "machine: {sysctls: {a: {$patch: delete}}}", "nothing to delete"],
    [
      "a key inside a list element",
      "machine: {files: [{path: a, content: {$patch: delete}}]}",
      "inside a list element",
    ],
    ["no kind", "foo: bar", "neither a kind nor machine"],
    ["no apiVersion", "kind: HostnameConfig\nauto: stable", "lacks apiVersion"],
    ["a list over a map", "machine: [a]", "machine: a mapping is expected (line 1)"],
    ["a text", "just text", "not a mapping"],
    ["a broken JSON patch", "[{op: jump, path: /a}]", "not one of JSON Patch operations"],
    ["a JSON patch to nowhere", "[{op: replace, path: /machine/none/a, value: 1}]", "has nothing"],
    ["a failed JSON test", "[{op: test, path: /machine/type, value: controlplane}]", "another value"],
    ["the whole v1alpha1 document", "$patch: delete\nmachine: {}", "cannot be deleted"],
  ])("%s", (_, change, sentence) => {
    expect(() => patch(base, change)).toThrow(sentence);
  });

  test("the same document twice in a patch, until 1.13", () => {
    const twice = "machine: {}\n---\nmachine: {}\n";
    expect(() => applyPatches(base, [twice], { contract: "1.13" })).toThrow("twice");
    expect(() => applyPatches(base, [twice], { contract: "1.14" })).not.toThrow();
  });
});

const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "-", "."), minLength: 1, maxLength: 6 });
const words = fc.dictionary(word, word, { maxKeys: 4, noNullPrototype: true });
const configOf = (sysctls: Record<string, string>, certSANs: string[]) =>
  JSON.stringify({ version: "v1alpha1", machine: { sysctls, certSANs } });

describe("properties", () => {
  test("a patch that says nothing changes nothing", () => {
    fc.assert(
      fc.property(
        words,
        fc.array(word),
        fc.constantFrom("", "machine: {}", "version: v1alpha1", "machine: {sysctls: {}, certSANs: []}"),
        (sysctls, names, change) => {
          const config = configOf(sysctls, names);
          expect(patch(config, change)).toEqual(parseMachineConfig(config));
        },
      ),
    );
  });

  test("maps: applying a patch twice is applying it once", () => {
    fc.assert(
      fc.property(words, words, (left, right) => {
        const change = JSON.stringify({ machine: { sysctls: right } });
        const once = patch(configOf(left, []), change);
        expect(patch(configOf(left, []), change, change)).toEqual(once);
        expect(once[0]?.machine).toMatchObject({ sysctls: { ...left, ...right } });
      }),
    );
  });

  test("deleting a key and adding it again gives the new value", () => {
    fc.assert(
      fc.property(words, word, word, (sysctls, key, value) => {
        const config = configOf({ ...sysctls, [key]: "old" }, []);
        const removal = JSON.stringify({ machine: { sysctls: { [key]: { $patch: "delete" } } } });
        const addition = JSON.stringify({ machine: { sysctls: { [key]: value } } });
        expect(patch(config, removal)[0]?.machine).not.toHaveProperty(["sysctls", key]);
        expect(patch(config, removal, addition)[0]?.machine).toHaveProperty(["sysctls", key], value);
      }),
    );
  });
});

describe("a list that lost its dash", () => {
  test.each(["certSANs: -10.0.0.1", "certSANs: {-name: a}", "certSANs: -5"])("%s", (line) => {
    expect(() => patch("machine: {certSANs: [a]}\n", `machine: {${line}}\n`)).toThrow("(a dash without a space?)");
  });
  test("another text is no such mistake", () => {
    expect(() => patch("machine: {certSANs: [a]}\n", "machine: {certSANs: a}\n")).toThrow(
      /list at machine\.certSANs\.$/,
    );
  });
});

test("a JSON patch cannot add or remove the whole config", () => {
  for (const op of ["add", "remove"])
    expect(() => patch("machine: {type: worker}\n", `[{"op": "${op}", "path": "", "value": null}]`)).toThrow(
      "names the whole config, which can only be replaced",
    );
});
