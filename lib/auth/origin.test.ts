import { describe, expect, test } from "vitest";
import { forgeryOf, isAllowedHost, requestFacts } from "./origin";

const publicUrl = "https://ichor.example.org";

describe("isAllowedHost", () => {
  test.each([
    "ichor.example.org",
    "ICHOR.example.org",
    "localhost:3000",
    "127.0.0.1:3000",
    "192.168.1.5",
    "[::1]:3000",
    "[::1]",
    "[2001:db8::1]:65535",
    "ichor.example.org:443",
  ])("takes %s", (host) => {
    expect(isAllowedHost(host, publicUrl)).toBe(true);
  });
  test.each([
    null,
    "",
    "evil.example",
    "ichor.example.org.evil.example",
    "ichor.example.org:8443",
    "localhost.evil.example",
    "evil.example/ichor.example.org",
    "user@127.0.0.1",
    "127.0.0.1.nip.io",
    "user:pw@localhost",
    "localhost@evil.example",
    "localhost:0",
    "localhost:080",
    "localhost:65536",
    "localhost:3000:3000",
    "localhost:",
    "localhost:3000/",
    "localhost:3000?x",
    "localhost#x",
    "localhost, evil.example",
    "localhost evil.example",
    " localhost",
    "localhost ",
    "localhost\t",
    "localhost\r\nx: y",
    "localhost\u0000",
    "localhost.",
    "local%68ost",
    "localhost\\evil.example",
    "ichor.example.org.",
    "ichor..example.org",
    "ichor.example.org:80",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0x7f000001",
    "127.0.0.01",
    "256.0.0.1",
    "[::1",
    "::1",
    "[::1]x",
    "[fe80::1%25eth0]",
    "[::ffff:999.0.0.1]",
    "[v1.x]",
    "ⓛocalhost",
    "localhost\u202e",
    "http://localhost",
    `${"a".repeat(300)}.example`,
  ])("refuses %s", (host) => {
    expect(isAllowedHost(host, publicUrl)).toBe(false);
  });
});

describe("forgeryOf", () => {
  const facts = (headers: Record<string, string>, method = "POST") =>
    requestFacts(method, new Headers({ host: "10.0.0.2:3000", ...headers }));

  test("reading needs no origin", () =>
    expect(forgeryOf(facts({ origin: "http://evil.example" }, "GET"), publicUrl)).toBeNull());
  test.each([
    [{ origin: "http://10.0.0.2:3000" }],
    [{ origin: publicUrl }],
    [{ "sec-fetch-site": "same-origin" }],
    [{ authorization: "Bearer ichor_x" }],
  ])("a change from here is believed: %j", (headers) =>
    expect(forgeryOf(facts(headers as Record<string, string>), publicUrl)).toBeNull(),
  );
  test.each([
    [{}],
    [{ origin: "http://evil.example" }],
    [{ origin: "null" }],
    [{ origin: "http://x@10.0.0.2:3000" }],
    [{ origin: "http://10.0.0.2:3000/path" }],
    [{ origin: "https://ichor.example.org, http://evil.example" }],
    [{ origin: "http://10.0.0.2:3001" }],
    [{ origin: "http://evil.example", authorization: "Bearer ichor_x" }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site" }],
  ])("a change from elsewhere is not: %j", (headers) =>
    expect(forgeryOf(facts(headers as Record<string, string>), publicUrl)).not.toBeNull(),
  );
});
