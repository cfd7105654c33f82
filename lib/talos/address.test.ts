import { describe, expect, it } from "vitest";
import { parseAddress } from "@/lib/talos/address";

describe("parseAddress", () => {
  it.each([
    ["10.5.0.2", "10.5.0.2:50000", "ichor:10.5.0.2:50000", true],
    ["10.5.0.2:443", "10.5.0.2:443", "ichor:10.5.0.2:443", true],
    ["node-1.lan", "node-1.lan:50000", "ichor:node-1.lan:50000", false],
    ["fd00::2", "[fd00::2]:50000", "ichor:[fd00::2]:50000", true],
    ["[fd00::2]:50001", "[fd00::2]:50001", "ichor:[fd00::2]:50001", true],
    ["[fd00::2]", "[fd00::2]:50000", "ichor:[fd00::2]:50000", true],
  ])("reads %s", (input, text, target, ip) => {
    expect(parseAddress(input)).toMatchObject({ text, target, ip });
  });

  it.each([
    "",
    ":50000",
    "10.5.0.2:0",
    "10.5.0.2:65536",
    "10.5.0.2:x",
    "1.2.3",
    "256.1.1.1",
    "a b",
    "http://x",
    "user@host",
    "a:1:2",
    "[::1",
    "[x]:1",
    "a/b",
    "-a",
    "unix:/x",
  ])("refuses %j", (input) => {
    expect(() => parseAddress(input)).toThrow(/is not a machine address: .+\.$/);
  });
});
