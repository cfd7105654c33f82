import { expect, test } from "vitest";
import { parseNetworks } from "@/lib/core/dial/address-rule";
import { AppError } from "@/lib/core/errors";
import { scanTargets, withPort } from "./scan-range";
import { talosctlLine } from "./talosctl";

const allowed = parseNetworks(["127.10.0.0/16"]);

test.each([
  ["10.0.0.5", ["10.0.0.5:50000"]],
  [" 10.0.0.5:51000 ", ["10.0.0.5:51000"]],
  ["fd00::5", ["[fd00::5]:50000"]],
  ["[fd00::5]:51000", ["[fd00::5]:51000"]],
  ["10.0.0.0/30", ["10.0.0.1:50000", "10.0.0.2:50000"]],
  ["10.0.0.7/30", ["10.0.0.5:50000", "10.0.0.6:50000"]],
  ["10.0.0.0/31", ["10.0.0.0:50000", "10.0.0.1:50000"]],
  ["10.0.0.9/32", ["10.0.0.9:50000"]],
  ["fd00::/127", ["[fd00::]:50000", "[fd00::1]:50000"]],
])("%s is probed at %j", (input, targets) => {
  expect(scanTargets(input, allowed)).toEqual(targets);
});

test("a /22 is the largest: 1,022 hosts, all different", () => {
  const targets = scanTargets("10.1.0.0/22", allowed);
  expect(new Set(targets).size).toBe(1022);
  expect(targets.at(-1)).toBe("10.1.3.254:50000");
});

test.each([
  ["10.0.0.0/21", "invalid-input", "2048 addresses"],
  ["fd00::/64", "invalid-input", "at most 1024"],
  ["ten", "invalid-input", "not an IP address"],
  ["10.0.0.5:0", "invalid-input", "not an address"],
  ["10.0.0.5:70000", "invalid-input", "not an address"],
  ["10.0.0.5; reboot", "invalid-input", "not an address"],
  ["http://10.0.0.5/", "invalid-input", "neither an address nor a network"],
  ["127.0.0.1", "refused", "does not dial"],
  ["127.0.0.0/30", "refused", "does not dial"],
  ["::1", "refused", "does not dial"],
  ["169.254.169.254", "refused", "does not dial"],
  ["::ffff:127.0.0.1", "refused", "does not dial"],
  ["fe80::1", "refused", "does not dial"],
  ["0.0.0.0", "refused", "does not dial"],
  ["224.0.0.1", "refused", "does not dial"],
])("%s is refused (%s)", (input, code, text) => {
  let thrown: unknown;
  try {
    scanTargets(input, allowed);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AppError);
  expect(thrown).toMatchObject({ code, message: expect.stringContaining(text) });
});

test("a network that an administrator allowed may be dialled", () => {
  expect(scanTargets("127.10.0.5", allowed)).toEqual(["127.10.0.5:50000"]);
  expect(() => scanTargets("127.10.0.5", [])).toThrow("does not dial");
});

test.each([
  ["10.0.0.5", "10.0.0.5:50000"],
  ["cp.example.com:443", "cp.example.com:443"],
  ["[::1]", "[::1]:50000"],
])("%s is dialled at %s", (input, address) => {
  expect(withPort(input).address).toBe(address);
});

test.each([
  [{ do: "reboot", mode: "default" }, "talosctl --nodes 10.0.0.5 reboot"],
  [{ do: "reboot", mode: "powercycle" }, "talosctl --nodes 10.0.0.5 reboot --mode powercycle"],
  [
    { do: "reset", graceful: false, reboot: true, wipe: "system-disk" },
    "talosctl --nodes 10.0.0.5 reset --graceful=false --reboot --wipe-mode system-disk",
  ],
  [
    { do: "logs", service: "it's; rm -rf /", follow: true },
    "talosctl --nodes 10.0.0.5 logs 'it'\\''s; rm -rf /' --follow",
  ],
  [
    { do: "apply-config", mode: "auto", dryRun: false, fingerprint: "ab=" },
    "talosctl --nodes 10.0.0.5 apply-config --insecure --cert-fingerprint ab= --file machineconfig.yaml",
  ],
] as const)("talosctl line of %j", (request, line) => {
  expect(talosctlLine(request, "10.0.0.5:50000")).toBe(line);
});
