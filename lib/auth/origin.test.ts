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
    [{ origin: "http://10.0.0.2:3001" }],
    [{ origin: "http://evil.example", authorization: "Bearer ichor_x" }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site" }],
  ])("a change from elsewhere is not: %j", (headers) =>
    expect(forgeryOf(facts(headers as Record<string, string>), publicUrl)).not.toBeNull(),
  );
});
