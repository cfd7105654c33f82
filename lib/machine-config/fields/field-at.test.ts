import { describe, expect, test } from "vitest";
import { kindSince } from "@/lib/machine-config/document-kinds";
import { fieldAt } from "@/lib/machine-config/fields/field-at";
import { fieldTable } from "@/lib/machine-config/fields/table";
import { contractAtLeast, versionContracts } from "@/lib/machine-config/schema";

describe("the field table", () => {
  test.each<[string, string, (string | number)[], unknown]>([
    ["a list of texts", "", ["machine", "kubelet", "nodeIP", "validSubnets"], { is: "list", of: { is: "string" } }],
    ["its item", "", ["machine", "kubelet", "nodeIP", "validSubnets", 3], { is: "string" }],
    ["the value of a map", "", ["machine", "sysctls", "vm.nr_hugepages"], { is: "string" }],
    ["a number", "LinkConfig", ["mtu"], { is: "uint", bits: 32 }],
    ["an address", "LinkConfig", ["addresses", 0, "address"], { is: "named", name: "netip.Prefix" }],
    ["a duration", "HTTPProbeConfig", ["interval"], { is: "duration" }],
    ["below a free-form object", "KubeletConfig", ["config", "a", 0, "b"], { is: "any" }],
    ["a certificate's part", "", ["machine", "ca", "crt"], { is: "bytes" }],
    ["a list with its own decoder", "", ["cluster", "inlineManifests", 0, "contents"], { is: "string" }],
    ["a field that is inlined", "UserVolumeConfig", ["name"], { is: "string" }],
  ])("%s", (_, kind, path, expected) => {
    expect(fieldAt("1.14", kind, path)).toMatchObject(expected as object);
  });

  test.each<[string, (string | number)[]]>([
    ["", ["cluster", "kernel"]],
    ["", ["install"]],
    ["", ["machine", "type", "x"]],
    ["LinkConfig", ["addresses", "address"]],
    ["NopeConfig", []],
  ])("nothing at %s %s", (kind, path) => {
    expect(fieldAt("1.14", kind, path)).toBeUndefined();
  });

  test.each(versionContracts.filter((contract) => contract !== "1.11"))(
    "%s has the kinds that the release has",
    (contract) => {
      const kinds = [...fieldTable(contract).kinds.keys()].filter((kind) => kind !== "v1alpha1");
      for (const kind of kinds) expect(contractAtLeast(contract, kindSince(kind) ?? "1.14"), kind).toBe(true);
      expect(kinds.every((kind) => kindSince(kind) !== undefined)).toBe(true);
    },
  );

  test("enumerations have their words", () => {
    const named = fieldTable("1.14").named;
    expect(named.get("nethelpers.BondMode")?.words).toContain("802.3ad");
    expect(named.get("nethelpers.AutoHostnameKind")).toMatchObject({
      words: ["off", "talos-addr", "stable"],
      ignoresCase: true,
    });
    expect(named.get("nethelpers.HardwareAddr")?.words).toBeNull();
  });
});
