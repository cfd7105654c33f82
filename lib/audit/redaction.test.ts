import { expect, test } from "vitest";
import { redactDetail } from "./redaction";

test.each([
  [{ password: "hunter2" }, { password: "[redacted]" }],
  [
    { caKey: "x", keyboard: "us" },
    { caKey: "[redacted]", keyboard: "us" },
  ],
  [{ note: "-----BEGIN ED25519 PRIVATE KEY-----" }, { note: "[redacted]" }],
  [{ line: "curl -H 'Bearer ichor_abcdefghijklmnopqrstuvwxyz'" }, { line: "[redacted]" }],
  [{ text: `a\u001b[31mb\u0000${"x".repeat(3)}` }, { text: "a[31mbxxx" }],
  [
    { nodes: ["node_1", "node_2"], count: 2, gone: undefined, none: null },
    { nodes: ["node_1", "node_2"], count: 2, none: null },
  ],
  [
    { psk: "x", wifiPasswd: "x", auth: "x", author: "ada" },
    { psk: "[redacted]", wifiPasswd: "[redacted]", auth: "[redacted]", author: "ada" },
  ],
  [{ text: "a\n2026 info fake\u202eevil\u2066\u200b\ud800" }, { text: "a ⏎ 2026 info fakeevil\ufffd" }],
  [{ run: () => 1 }, { run: "[not recorded]" }],
])("%j", (value, kept) => {
  expect(redactDetail(value)).toEqual(kept);
});

test("long texts, long lists and deep trees are cut short", () => {
  const words = "word ".repeat(200);
  expect(String(redactDetail(words))).toHaveLength(401);
  expect(redactDetail(Array.from({ length: 500 }, (_, index) => index))).toHaveLength(100);
  expect(JSON.stringify(redactDetail({ a: { b: { c: { d: { e: 1 } } } } }))).toContain("[too deep]");
});
