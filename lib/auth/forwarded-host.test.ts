import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { cleanHost } from "./forwarded-host";
import { isAllowedHost } from "./origin";

function request(pairs: [string, string][], remoteAddress = "192.0.2.1") {
  const headers: Record<string, string> = {};
  // Node keeps the first of several hosts, and joins other headers.
  for (const [name, value] of pairs)
    headers[name.toLowerCase()] =
      headers[name.toLowerCase()] === undefined
        ? value
        : name.toLowerCase() === "host"
          ? (headers.host ?? "")
          : `${headers[name.toLowerCase()]}, ${value}`;
  return { headers, rawHeaders: pairs.flat(), socket: { remoteAddress } } as unknown as IncomingMessage;
}
const proxies = ["10.0.0.1/32"];

test("a forwarded host is believed from configured proxies only", () => {
  const stranger = request([
    ["Host", "localhost:3000"],
    ["X-Forwarded-Host", "evil.example"],
    ["Forwarded", "host=evil"],
  ]);
  cleanHost(stranger, proxies);
  expect(stranger.headers).toEqual({ host: "localhost:3000" });
  const proxy = request(
    [
      ["Host", "localhost:3000"],
      ["X-Forwarded-Host", "ichor.example.org"],
    ],
    "::ffff:10.0.0.1",
  );
  cleanHost(proxy, proxies);
  expect(proxy.headers["x-forwarded-host"]).toBe("ichor.example.org");
});

test.each([
  [
    [
      ["Host", "localhost"],
      ["host", "evil.example"],
    ],
  ],
  [
    [
      ["Host", "localhost"],
      ["X-Forwarded-Host", "a"],
      ["x-forwarded-host", "b"],
    ],
  ],
])("a host that is told twice is no host: %j", (pairs) => {
  const twice = request(pairs as [string, string][], "10.0.0.1");
  cleanHost(twice, proxies);
  expect(isAllowedHost(twice.headers.host ?? null, "https://ichor.example.org")).toBe(false);
});
