import { describe, expect, test } from "vitest";
import { redactDetail } from "./redaction";

const gone = "[redacted]";

describe("names that stand for secrets", () => {
  test.each([
    ..."pass passwd pwd jwt bearerValue auth basic-auth wifiPasswd password passphrase PASSWORD rootPassword secret clientSecret token apiTokens credential credentials".split(
      " ",
    ),
    ..."private privateKey bundle secretsBundle key caKey ca-key ca_key pem certPem talosconfig kubeconfig machineconfig".split(
      " ",
    ),
    ..."machineConfig TalosConfig cookie setCookie authorization proxyAuthorization psk".split(" "),
  ])("%s", (name) => {
    expect(redactDetail({ [name]: "x" })).toEqual({ [name]: gone });
    // Whatever it is: a tree under such a name is one too.
    expect(redactDetail({ deep: [{ [name]: { a: 1 } }] })).toEqual({ deep: [{ [name]: gone }] });
    expect(redactDetail({ [name]: null })).toEqual({ [name]: gone });
  });

  test.each(["keyboard", "monkeys", "keys-of", "name", "reason", "author", "hash", "pemmican"])(
    "%s is none",
    (name) => {
      expect(redactDetail({ [name]: "x" })).toEqual({ [name]: "x" });
    },
  );
});

describe("texts that look like secrets", () => {
  const long = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk".repeat(2);
  test.each([
    "-----BEGIN ED25519 PRIVATE KEY-----",
    "a line, then -----BEGIN CERTIFICATE-----",
    "curl -H 'Bearer ichor_abcdefghijklmnopqrstuvwxyz'",
    `ichor_${"A".repeat(20)}`,
    `ichor_${"9_-".repeat(7)}`,
    long.slice(0, 120),
    "-_".repeat(60),
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
    "join with abcdef.0123456789abcdef now",
    "--token 4711",
    "-password  x",
    "psk=x",
    "PASSWORD: hunter2",
    '{"token":"x"}',
    "passwd = x",
    "client_secret=x",
    "passphrase=x",
    "https://me:hunter2@proxy.example:8080",
    "https://:hunter2@proxy.example",
    "ich\u0000or_abcdefghijklmnopqrstuvwxyz",
    `prefix: ${long.slice(0, 130)}= suffix`,
    `${"a+/".repeat(40)}`,
  ])("%s", (text) => {
    expect(redactDetail(text)).toBe(gone);
    expect(redactDetail({ note: [text] })).toEqual({ note: [gone] });
  });

  test.each([
    `ichor_${"A".repeat(19)}`,
    long.slice(0, 119),
    "--BEGIN --",
    "ichor is a word",
    "the token",
    "token=",
    "https://host:8080/a@b",
    "eyJhbGci.x.y",
    "abcde.0123456789abcdef",
  ])("%s is none", (text) => {
    expect(redactDetail(text)).toBe(text);
  });
});

describe("what is kept", () => {
  test.each([0, -1.5, true, false, null, ""])("%j", (value) => {
    expect(redactDetail(value)).toBe(value);
  });

  test("names and lists as they are, without what is not set", () => {
    const value = { nodes: ["node_1", "node_2"], count: 2, none: null, deep: { a: { b: [true] } } };
    expect(redactDetail({ ...value, gone: undefined })).toEqual(value);
    expect(Object.keys(redactDetail({ gone: undefined }) as object)).toEqual([]);
  });

  test.each([[() => 1], [Symbol("x")], [12n], [undefined]])("no values that JSON has not: %s", (value) => {
    expect(redactDetail([value])).toEqual(["[not recorded]"]);
  });

  test("control characters are left out, and a text stays on one line", () => {
    const all = Array.from({ length: 0xa1 }, (_, code) => String.fromCharCode(code)).join("");
    const kept = String(redactDetail(all));
    expect(kept).toBe(` ⏎  ⏎ ${all.slice(0x20, 0x7f)} ⏎ \u00a0`);
    expect(redactDetail("a\u001b[31mb\u0000c\u009b\t")).toBe("a[31mbc");
    expect(redactDetail("a\r\n\u2028\u2029b")).toBe("a ⏎ b");
    expect(redactDetail("fake\u202eevil\u2066\u200b\ud800")).toBe("fakeevil\ufffd");
    expect(redactDetail({ "na\u001bme": 1 })).toEqual({ name: 1 });
  });
});

describe("what is long", () => {
  test("a text is cut after 400 characters, without half of one", () => {
    const words = "word ".repeat(80);
    expect(redactDetail(words)).toBe(words);
    expect(redactDetail(`${words}x`)).toBe(`${words}…`);
  });

  test("a list is cut after 100 items, an object after 100 names", () => {
    const items = Array.from({ length: 101 }, (_, index) => index);
    expect(redactDetail(items)).toEqual(items.slice(0, 100));
    const names = Object.fromEntries(items.map((index) => [`n${index}`, index]));
    expect(Object.keys(redactDetail(names) as object)).toHaveLength(100);
  });

  test("a tree is cut under its fourth level, lists counted as levels", () => {
    expect(redactDetail({ a: { b: { c: { d: 1 } } } })).toEqual({ a: { b: { c: { d: 1 } } } });
    expect(redactDetail({ a: { b: { c: { d: { e: 1 }, f: "g" } } } })).toEqual({
      a: { b: { c: { d: "[too deep]", f: "g" } } },
    });
    expect(redactDetail([[[[[1]]]]])).toEqual([[[["[too deep]"]]]]);
    expect(redactDetail([[[[1]]]])).toEqual([[[[1]]]]);
  });

  test("names that objects have anyway are names like others", () => {
    const kept = redactDetail(JSON.parse(`{"__proto__":{"a":1},"constructor":2}`));
    expect(JSON.stringify(kept)).toBe(`{"__proto__":{"a":1},"constructor":2}`);
  });

  test("a name is cut too", () => {
    expect(redactDetail({ ["n".repeat(500)]: 1 })).toEqual({ [`${"n".repeat(100)}`]: 1 });
  });
});
