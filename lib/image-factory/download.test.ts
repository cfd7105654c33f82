import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createImageFactory } from "./client";

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handler: (request: http.IncomingMessage, response: http.ServerResponse) => void): Promise<string> {
  const server = http.createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function read(
  baseUrl: string,
  options: { maxBytes?: number; signal?: AbortSignal; stallTimeoutMs?: number } = {},
): Promise<string> {
  const { maxBytes = 1_000_000, signal, stallTimeoutMs = 10_000 } = options;
  const factory = createImageFactory({ baseUrl, stallTimeoutMs });
  let text = "";
  for await (const chunk of factory.download(`${baseUrl}/image/x`, { maxBytes, ...(signal ? { signal } : {}) }))
    text += Buffer.from(chunk).toString();
  return text;
}

describe("download", () => {
  test("gives the bytes as they come", async () => {
    const baseUrl = await serve((_request, response) => {
      response.write("ker", () => response.end("nel"));
    });
    expect(await read(baseUrl)).toBe("kernel");
  });

  test("a refusal in the factory's words", async () => {
    const baseUrl = await serve((_request, response) => response.writeHead(400).end("extension not available\n"));
    await expect(read(baseUrl)).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("extension not available"),
    });
  });

  test("a stall in the middle", async () => {
    const baseUrl = await serve((_request, response) => void response.write("ker"));
    await expect(read(baseUrl, { stallTimeoutMs: 100 })).rejects.toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("after 3 bytes"),
    });
  });

  test("a cut, and less than was announced", async () => {
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("ker", () => response.socket?.destroy());
    });
    await expect(read(baseUrl)).rejects.toMatchObject({ kind: "unreachable" });
  });

  test("more than is wanted ends the request", async () => {
    let closed = false;
    const baseUrl = await serve((_request, response) => {
      response.on("close", () => (closed = true));
      const more = () => {
        while (!closed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    await expect(read(baseUrl, { maxBytes: 100_000 })).rejects.toMatchObject({ kind: "nonsense" });
    await expect.poll(() => closed).toBe(true);
  });

  test("a redirect to another host, and an address that is not the factory's", async () => {
    const baseUrl = await serve((_request, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
    );
    await expect(read(baseUrl)).rejects.toMatchObject({ kind: "nonsense" });
    const factory = createImageFactory({ baseUrl });
    expect(() => factory.download("http://169.254.169.254/x", { maxBytes: 1 })).toThrowError(
      /configured Image Factory/,
    );
  });

  test("an abort is the caller's own", async () => {
    const controller = new AbortController();
    const baseUrl = await serve((_request, response) => {
      response.write("ker", () => controller.abort(new Error("enough")));
    });
    await expect(read(baseUrl, { signal: controller.signal })).rejects.toThrowError("enough");
  });
});
