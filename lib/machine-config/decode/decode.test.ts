import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { verbatim } from "@/lib/core/go-yaml-verbatim";
import { parseYamlNodes } from "@/lib/core/yaml";
import { readDocument } from "@/lib/machine-config/decode/decode-document";
import { encodeMachineConfig, parseMachineConfig, valueAt } from "@/lib/machine-config/documents";
import type { VersionContract } from "@/lib/machine-config/schema";

function read(text: string, contract: VersionContract = "1.14") {
  const [tree] = parseYamlNodes(text);
  if (tree?.kind !== "map") throw new Error("no mapping");
  return readDocument(tree, contract, "The config");
}
const problems = (text: string, contract?: VersionContract) =>
  read(text, contract).issues.map(({ path, problem }) => `${path.join(".")}: ${problem}`);

const hostile = "1.10 0644 007 1e3 0x10 1_000 TRUE true yes off .inf 1:20 0o17 -0 18446744073709551616".split(" ");

describe("a text stays what was written", () => {
  const places: [string, (scalar: string) => string, (string | number)[]][] = [
    ["in a map", (scalar) => `machine: {nodeLabels: {a: ${scalar}}}`, ["machine", "nodeLabels", "a"]],
    ["in a list", (scalar) => `machine: {certSANs: [${scalar}]}`, ["machine", "certSANs", 0]],
    ["in a field", (scalar) => `machine: {token: ${scalar}}`, ["machine", "token"]],
    [
      "in an argument",
      (scalar) => `cluster: {apiServer: {extraArgs: {a: ${scalar}}}}`,
      ["cluster", "apiServer", "extraArgs", "a"],
    ],
    ["through an alias", (scalar) => `machine: {token: &x ${scalar}, certSANs: [*x]}`, ["machine", "certSANs", 0]],
    [
      "through a merge key",
      (scalar) => `machine: {sysctls: &x {a: ${scalar}}, nodeLabels: {<<: *x}}`,
      ["machine", "nodeLabels", "a"],
    ],
    [
      "of another decoder",
      (scalar) => `machine: {disks: [{device: a, partitions: [{size: ${scalar}}]}]}`,
      ["machine", "disks", 0, "partitions", 0, "size"],
    ],
  ];
  test.each(places)("%s", (_, config, path) => {
    for (const scalar of hostile) {
      for (const contract of ["1.12", "1.13", "1.14"] as const) {
        const { document, issues } = read(config(scalar), contract);
        expect(valueAt(document, path)).toBe(scalar);
        expect(issues).toEqual([]);
        expect(valueAt(parseMachineConfig(encodeMachineConfig([document]))[0], path)).toBe(scalar);
      }
    }
  });

  test("as a key", () => {
    const { document } = read(`machine: {nodeLabels: {${hostile.map((key) => `${key}: a`).join(", ")}, ~: b}}`);
    expect(Object.keys(valueAt(document, ["machine", "nodeLabels"]) as object).sort()).toEqual([...hostile].sort());
  });

  test("a date: only in quotes since 1.14", () => {
    expect(problems("machine: {token: 2024-01-02}")).toEqual([
      "machine.token: a text is expected, and this is read as a date; put it in quotes",
    ]);
    expect(problems("machine: {token: 2024-01-02}", "1.13")).toEqual([]);
    expect(problems('machine: {token: "2024-01-02"}')).toEqual([]);
  });
});

describe("other types", () => {
  test.each<[string, string, (string | number)[], unknown]>([
    ["a bool of YAML 1.1", "debug: yes", ["debug"], true],
    ["in quotes", 'debug: "off"', ["debug"], false],
    [
      "octal",
      "cluster: {controlPlane: {localAPIServerPort: 0o17}}",
      ["cluster", "controlPlane", "localAPIServerPort"],
      15,
    ],
    [
      "a float without loss",
      "cluster: {controlPlane: {localAPIServerPort: 1e3}}",
      ["cluster", "controlPlane", "localAPIServerPort"],
      1000,
    ],
    ["permissions", "machine: {files: [{permissions: 0644}]}", ["machine", "files", 0, "permissions"], 420],
    [
      "a date in a free-form part",
      "machine: {kubelet: {extraConfig: {a: 2024-01-02}}}",
      ["machine", "kubelet", "extraConfig", "a"],
      verbatim("2024-01-02T00:00:00Z"),
    ],
    [
      "a float that looks whole",
      "machine: {kubelet: {extraConfig: {a: 1e6}}}",
      ["machine", "kubelet", "extraConfig", "a"],
      verbatim("1e+06"),
    ],
    [
      "a big integer",
      "machine: {kubelet: {extraConfig: {a: 9007199254740993}}}",
      ["machine", "kubelet", "extraConfig", "a"],
      9007199254740993n,
    ],
    ["a word", "machine: {kubelet: {extraConfig: {a: yes}}}", ["machine", "kubelet", "extraConfig", "a"], "yes"],
    ["null in a list of texts", "machine: {certSANs: [~, a]}", ["machine", "certSANs"], ["a"]],
    ["null in a map of texts", "machine: {nodeLabels: {a: ~}}", ["machine", "nodeLabels", "a"], ""],
    [
      "a list as an argument",
      "cluster: {apiServer: {extraArgs: {a: [1.10]}}}",
      ["cluster", "apiServer", "extraArgs", "a", 0],
      "1.10",
    ],
  ])("%s", (_, config, path, value) => {
    const { document, issues } = read(config);
    expect(valueAt(document, path)).toEqual(value);
    expect(issues).toEqual([]);
  });

  test("an enumeration keeps its word", () => {
    const config = "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: off\n";
    expect(read(config).document).toEqual({ apiVersion: "v1alpha1", kind: "HostnameConfig", auto: "off" });
  });

  test("keys of free-form parts that are no texts stay none", () => {
    const { document } = read("machine: {kubelet: {extraConfig: {a: {0x1: x, '1': z}}}}");
    expect(encodeMachineConfig([document])).toContain('"1": z\n                1: x\n');
  });

  test("what nobody knows keeps what was written", () => {
    const config =
      "kind: LaterConfig\napiVersion: v1alpha1\nversion: 1.10\nmode: 0644\nat: 2024-01-02\nok: TRUE\ncount: 7\n";
    expect(encodeMachineConfig(parseMachineConfig(config))).toBe(config);
  });
});

test.each([
  ["debug: 1", "debug: true or false is expected"],
  ["machine: {certSANs: a}", "machine.certSANs: a list is expected"],
  ["machine: {token: [a]}", "machine.token: a single value is expected"],
  ["machine: x", "machine: a mapping is expected"],
  [
    "cluster: {controlPlane: {localAPIServerPort: x}}",
    "cluster.controlPlane.localAPIServerPort: a whole number is expected",
  ],
  [
    "cluster: {controlPlane: {localAPIServerPort: 1.5}}",
    "cluster.controlPlane.localAPIServerPort: a whole number is expected",
  ],
  [
    'cluster: {controlPlane: {localAPIServerPort: "6443"}}',
    "cluster.controlPlane.localAPIServerPort: a whole number is expected",
  ],
])("%s is refused", (config, problem) => {
  expect(problems(config)).toEqual([problem]);
});

test("a bare << where no text is expected is passed over by 1.14, refused by older releases", () => {
  expect(read("machine: <<\ndebug: <<\n")).toEqual({ document: {}, issues: [] });
  expect(problems("debug: <<\n", "1.13")).toEqual(["debug: true or false is expected"]);
});

test("any value in any field is read or refused", () => {
  const scalar = fc.constantFrom(
    ...hostile,
    ..."~ !!int !!binary|gIE= !!float|1 !!str|1 !x|y <<|a '' \"a\\nb\" 1e999 [] {} {a:} [~] 2024-01-02 .nan 99999999999999999999999999".split(
      " ",
    ),
  );
  const keys = fc.constantFrom(
    "machine",
    "cluster",
    "type",
    "sysctls",
    "files",
    "kubelet",
    "extraConfig",
    "content",
    "1",
    "~",
    "0x1",
    "nodeLabels",
    "ca",
    "crt",
  );
  const tree: fc.Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      scalar.map((text) => text.replaceAll("|", " ")),
      fc.array(tie("tree"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
      fc
        .uniqueArray(fc.tuple(keys, tie("tree")), { maxLength: 3, selector: ([key]) => key })
        .map((members) => `{${members.map(([key, value]) => `${key}: ${value}`).join(", ")}}`),
    ),
  })).tree;
  fc.assert(
    fc.property(tree, tree, (machine, cluster) => {
      try {
        const documents = parseMachineConfig(`machine: ${machine}\ncluster: ${cluster}\n`);
        expect(parseMachineConfig(encodeMachineConfig(documents)).length).toBe(1);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
    { numRuns: 1_000 },
  );
});
