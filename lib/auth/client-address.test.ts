import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressGroup, clientAddress, stampPeers } from "./client-address";
import { agentInWords } from "./user-agent";

/** A server as Next's: what it hands on of a request is its headers. */
const server = http.createServer((request, response) => {
  const headers = new Headers(
    Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const trusted = request.url?.slice(1).split(",").filter(Boolean) ?? [];
  response.end(clientAddress(headers, trusted));
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());
const ask = async (trusted: string, headers: Record<string, string> = {}) =>
  (await fetch(`http://127.0.0.1:${port}/${trusted}`, { headers })).text();

describe("the address of a client", () => {
  test("is not believed before the server stamps it, whatever the client sends", async () => {
    expect(await ask("", { "x-ichor-peer": "undefined 10.9.9.9" })).toBe("unknown");
    expect(await ask("", { "x-ichor-peer": "10.9.9.9", "x-forwarded-for": "10.9.9.9" })).toBe("unknown");
  });

  test("is the connection's own; X-Forwarded-For counts only from a configured proxy", async () => {
    stampPeers();
    const told = { "x-forwarded-for": "203.0.113.7", "x-ichor-peer": "x 10.9.9.9" };
    expect(await ask("", told)).toBe("127.0.0.1");
    expect(await ask("10.0.0.0/8", told)).toBe("127.0.0.1");
    expect(await ask("127.0.0.0/8", told)).toBe("203.0.113.7");
  });

  test.each([
    ["made up by the client in front of what the proxy wrote", "10.9.9.9, 203.0.113.7", "203.0.113.7"],
    ["two proxies", "10.9.9.9, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
    ["IPv6", "2001:DB8:0:0::7", "2001:db8::7"],
    ["IPv4 in IPv6", "::ffff:203.0.113.7", "203.0.113.7"],
    ["nothing", "", "127.0.0.1"],
    ["nonsense", "203.0.113.7, <script>", "127.0.0.1"],
    ["octal", "203.0.113.7, 0177.0.0.1", "127.0.0.1"],
  ])("behind proxies: %s", async (_what, header, address) => {
    expect(await ask("127.0.0.0/8,10.0.0.0/30", { "x-forwarded-for": header })).toBe(address);
  });
});

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["unknown", "unknown"],
])("limits count %s as %s", (address, group) => {
  expect(addressGroup(address)).toBe(group);
});

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge on Windows",
  ],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 CriOS/140 Safari/604",
    "Chrome on an iPhone",
  ],
  ["curl/8.5.0", "curl"],
  ["<script>alert(1)</script>", "An unknown browser"],
  [null, "An unknown browser"],
])("%s is %s", (userAgent, words) => {
  expect(agentInWords(userAgent)).toBe(words);
});
