import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createImageFactory } from "./client";
import { extensionsIfReachable } from "./factory";

let baseUrl = "";
let asked = 0;
const server = http.createServer((request, response) => {
  asked++;
  if (request.url?.includes("v1.14.0")) response.end('[{"name":"siderolabs/amdgpu"}]');
  else if (request.url?.includes("v1.99.0")) response.writeHead(404).end("unknown version\n");
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("the factory's names, and the catalogue's turn while it is silent", async () => {
  let now = 0;
  const factory = createImageFactory({ baseUrl });
  const ask = (version: string, timeoutMs = 15_000) =>
    extensionsIfReachable(version, { factory, timeoutMs, now: () => now });
  expect(await ask("v1.14.0")).toEqual(["siderolabs/amdgpu"]);
  expect(await ask("v1.99.0")).toBeUndefined();
  expect(asked).toBe(2);
  expect(await ask("v1.13.0", 100)).toBeUndefined();
  expect(asked).toBe(3);
  expect(await ask("v1.13.0", 100)).toBeUndefined();
  expect(asked).toBe(3);
  now = 31_000;
  expect(await ask("v1.14.0")).toEqual(["siderolabs/amdgpu"]);
  await expect(ask("1.14")).rejects.toMatchObject({ code: "invalid-input" });
});
