import { describe, expect, test } from "vitest";
import type { YamlScalar } from "@/lib/core/yaml-node";
import { namedScalarProblem, isMappedType } from "@/lib/machine-config/check/named";
import { fieldTable } from "@/lib/machine-config/fields/table";
import { versionContracts } from "@/lib/machine-config/schema";

const scalar = (text: string): YamlScalar => ({ kind: "scalar", text, plain: false, tag: "", line: 1, column: 1 });

test.each(versionContracts)("every type of %s with a decoder of its own has a check", (contract) => {
  for (const [name, type] of fieldTable(contract).named) {
    if (isMappedType(type) || type.base?.is === "list" || name.endsWith(".ArgValue")) continue;
    expect(() => namedScalarProblem(name, type, scalar("x"), true), name).not.toThrow();
  }
});

describe("texts that Talos decodes", () => {
  const problem = (name: string, text: string) => {
    const type = fieldTable("1.14").named.get(name);
    if (!type) throw new Error(name);
    return namedScalarProblem(name, type, scalar(text), true);
  };
  test.each<[string, string[], string[]]>([
    ["meta.Addr", ["10.0.0.1", "fe80::1%eth0", "::", ""], ["10.0.0.01", "10.0.0", "1::2::3", "10.0.0.1::1", "a"]],
    ["meta.Prefix", ["10.0.0.0/24", "fd00::/8"], ["10.0.0.1", "10.0.0.0/33", "10.0.0.0/08", "fe80::1%a/64"]],
    ["meta.AddrPort", ["10.0.0.1:53", "[::1]:53"], ["10.0.0.1", "::1:53", "[10.0.0.1]:53", "10.0.0.1:70000"]],
    [
      "meta.URL",
      ["https://a:6443", "a", "host.example:6443"],
      ["10.0.0.1:6443", "https://a:b", "https://a b", "https://${X}"],
    ],
    ["block.ByteSize", ["10GB", "1.5 GiB", "1,000"], ["10%", "ten", "10 XB", "."]],
    ["block.Size", ["10%", "-5GiB"], ["101%", "%"]],
    ["nethelpers.HardwareAddr", ["00:11:22:33:44:55", "0011"], ["001", "zz"]],
    ["nethelpers.BondMode", ["802.3ad", "BALANCE-RR"], ["lacp", ""]],
    ["network.PortRange", ["8000-8100"], ["80-", "1-70000", "x"]],
  ])("%s", (name, good, bad) => {
    for (const text of good) expect(problem(name, text), text).toBeNull();
    for (const text of bad) expect(problem(name, text), text).toMatch(/\.$/);
  });
});
