import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { factoryCaps } from "@/lib/core/bounds/input-caps";
import { createImageFactory } from "./client";
import { FactoryError } from "./factory-error";

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function factoryThat(handle: http.RequestListener) {
  const server = http.createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Less than the 15 s that it has.
  return createImageFactory({ baseUrl, timeoutMs: 1_000 });
}
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "it ended well",
    (error: unknown) => error,
  );
const { versions, extensions, answerNodes, answerDepth } = factoryCaps;
const list = (count: number, item: (at: number) => unknown) =>
  JSON.stringify(Array.from({ length: count }, (_, at) => item(at)));

test.each<[string, string]>([
  ["more versions than there are", list(versions + 1, (at) => `v1.14.${at}`)],
  ["more values than an answer has", list(answerNodes + 1, () => 1)],
  ["levels", "[".repeat(answerDepth + 1) + "]".repeat(answerDepth + 1)],
  ["an opened list and nothing else", "[".repeat(900_000)],
  ["numbers for versions", "[1, 2]"],
])("%s: nonsense, and not a shorter list", async (_, body) => {
  const factory = await factoryThat((_request, response) => void response.end(body));
  const error = await failureOf(factory.versions());
  expect(error).toBeInstanceOf(FactoryError);
  expect((error as FactoryError).kind).toBe("nonsense");
});

test("more extensions than there are", async () => {
  const body = list(extensions + 1, (at) => ({
    ...{ name: `siderolabs/e${at}`, ref: `ghcr.io/siderolabs/e${at}:1`, digest: `sha256:${"0".repeat(64)}` },
    ...{ author: "a", description: "d" },
  }));
  const factory = await factoryThat((_request, response) => void response.end(body));
  expect(await failureOf(factory.officialExtensions("v1.14.0"))).toBeInstanceOf(FactoryError);
});

test("a byte now and then is left after its time, and the connection with it", async () => {
  let left: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (left = resolve));
  const factory = await factoryThat((_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("["), 50);
    response.on("close", () => (clearInterval(timer), left()));
  });
  expect(await failureOf(factory.versions())).toBeInstanceOf(FactoryError);
  await gone;
});
