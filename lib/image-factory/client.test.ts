import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createImageFactory } from "./client";
import { FactoryError } from "./factory-error";
import { mayFollow } from "./request";

const id = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba";
const servers: http.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

async function serve(handler: Handler): Promise<string> {
  const server = http.createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering =
  (status: number, body: string, headers: http.OutgoingHttpHeaders = {}): Handler =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

async function failure(promise: Promise<unknown>): Promise<FactoryError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FactoryError);
  return error as FactoryError;
}

describe("what a factory says", () => {
  test("its versions and extensions, whatever the content type", async () => {
    const paths: string[] = [];
    const baseUrl = await serve((request, response) => {
      paths.push(request.url ?? "");
      const versions = request.url === "/versions";
      response.end(
        JSON.stringify(
          versions
            ? ["v1.13.9", "v1.14.0"]
            : [{ name: "siderolabs/amdgpu", ref: "r", digest: "sha256:1", author: "a", description: "d" }],
        ),
      );
    });
    let now = 0;
    const factory = createImageFactory({ baseUrl: `${baseUrl}/`, now: () => now });
    expect(await factory.versions()).toEqual(["v1.13.9", "v1.14.0"]);
    const expected = [{ name: "siderolabs/amdgpu", digest: "sha256:1", author: "a", description: "d" }];
    expect(await factory.officialExtensions("1.14.0")).toEqual(expected);
    expect(await factory.officialExtensions("v1.14.0")).toEqual(expected);
    now = 11 * 60_000;
    await factory.officialExtensions("v1.14.0");
    expect(paths).toEqual([
      "/versions",
      "/version/v1.14.0/extensions/official",
      "/version/v1.14.0/extensions/official",
    ]);
  });

  test("the ID of a schematic, with and without its text", async () => {
    const bodies: string[] = [];
    const baseUrl = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        bodies.push(`${request.method} ${request.url} ${body}`);
        response.writeHead(201, { "content-type": "application/json" });
        response.end(JSON.stringify(bodies.length === 1 ? { id, schematic: "customization: {}\n" } : { id }));
      });
    });
    const factory = createImageFactory({ baseUrl });
    expect(await factory.registerSchematic("customization: {}\n")).toEqual({ id, canonical: "customization: {}\n" });
    expect(await factory.registerSchematic("customization: {}\n")).toEqual({ id, canonical: null });
    expect(bodies[0]).toBe("POST /schematics customization: {}\n");
  });

  test("a schematic that it knows, and one that it does not", async () => {
    const baseUrl = await serve((request, response) => {
      const known = request.url?.endsWith(id);
      response.writeHead(known ? 200 : 404);
      response.end(known ? "customization: {}\n" : "schematic not found\n");
    });
    const factory = createImageFactory({ baseUrl });
    expect(await factory.schematic(id)).toBe("customization: {}\n");
    expect(await factory.schematic("0".repeat(64))).toBeNull();
    await expect(factory.schematic("../versions")).rejects.toMatchObject({ code: "invalid-input" });
  });

  test("the size of an asset, asked of itself only", async () => {
    const baseUrl = await serve((request, response) => {
      response.writeHead(200, { "content-length": "123456", "content-type": "application/x-iso9660-image" });
      response.end(request.method === "HEAD" ? undefined : "no");
    });
    const factory = createImageFactory({ baseUrl });
    expect(await factory.head(`${baseUrl}/image/x`)).toEqual({
      bytes: 123_456,
      contentType: "application/x-iso9660-image",
    });
    await expect(factory.head("http://169.254.169.254/latest")).rejects.toMatchObject({ code: "invalid-input" });
    await expect(factory.head("file:///etc/passwd")).rejects.toMatchObject({ code: "invalid-input" });
  });
});

describe("what can go wrong", () => {
  test("a refusal is told in its own words, without control characters", async () => {
    const baseUrl = await serve(answering(400, 'official extension \u001b[31m"x" is not available\n'));
    const error = await failure(createImageFactory({ baseUrl }).registerSchematic("x"));
    expect(error).toMatchObject({ kind: "refused", code: "refused" });
    expect(error.message).toBe('The Image Factory refused: official extension [31m"x" is not available');
  });

  test("a failing and an overloaded factory", async () => {
    for (const status of [500, 503, 429]) {
      const baseUrl = await serve(answering(status, "x".repeat(1_000_000)));
      expect(await failure(createImageFactory({ baseUrl }).versions())).toMatchObject({
        kind: "failed",
        code: "unavailable",
      });
    }
  });

  test.each([
    ["no JSON", "<html>"],
    ["another shape", '{"versions":[]}'],
    ["no versions in it", '["latest; rm -rf /"]'],
    ["nothing", ""],
  ])("nonsense: %s", async (_name, body) => {
    const baseUrl = await serve(answering(200, body));
    expect(await failure(createImageFactory({ baseUrl }).versions())).toMatchObject({
      kind: "nonsense",
      code: "unavailable",
    });
  });

  test("an ID that is none", async () => {
    const baseUrl = await serve(answering(201, '{"id":"../../x"}'));
    expect(await failure(createImageFactory({ baseUrl }).registerSchematic("x"))).toMatchObject({ kind: "nonsense" });
  });

  test("an endless answer is cut", async () => {
    let closed = false;
    const baseUrl = await serve((_request, response) => {
      response.on("close", () => (closed = true));
      const more = () => {
        while (!closed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    const error = await failure(createImageFactory({ baseUrl }).versions());
    expect(error).toMatchObject({ kind: "nonsense" });
    expect(error.message).toContain("longer than");
    await expect.poll(() => closed).toBe(true);
  });

  test("a stall, before the answer and in the middle of it", async () => {
    const silent = await serve(() => undefined);
    const half = await serve((_request, response) => void response.write('["v1.'));
    for (const baseUrl of [silent, half]) {
      const error = await failure(createImageFactory({ baseUrl, timeoutMs: 150 }).versions());
      expect(error).toMatchObject({ kind: "unreachable", code: "unavailable" });
      expect(error.message).toContain("no answer within");
    }
  });

  test("a connection that is cut, and nobody there", async () => {
    const cut = await serve((request) => request.socket.destroy());
    expect(await failure(createImageFactory({ baseUrl: cut }).versions())).toMatchObject({ kind: "unreachable" });
    const midway = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("[", () => response.socket?.destroy());
    });
    expect(await failure(createImageFactory({ baseUrl: midway }).versions())).toMatchObject({ kind: "unreachable" });
    const gone = await serve(() => undefined);
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    const error = await failure(createImageFactory({ baseUrl: gone }).versions());
    expect(error.message).toContain("ECONNREFUSED");
  });

  test("an abort is the caller's own", async () => {
    const baseUrl = await serve(() => undefined);
    const controller = new AbortController();
    const asked = createImageFactory({ baseUrl }).versions(controller.signal);
    controller.abort(new Error("enough"));
    await expect(asked).rejects.toThrowError("enough");
  });

  test("an address with a password, or of another kind", () => {
    for (const baseUrl of ["https://a:b@factory", "ftp://factory", "factory"]) {
      expect(() => createImageFactory({ baseUrl })).toThrowError(/address/);
    }
  });
});

describe("redirects", () => {
  test("within the host are followed, a loop is not", async () => {
    const baseUrl = await serve((request, response) => {
      if (request.url === "/versions") response.writeHead(302, { location: "/v" }).end();
      else if (request.url === "/v") response.end('["v1.14.0"]');
      else response.writeHead(302, { location: request.url ?? "" }).end();
    });
    expect(await createImageFactory({ baseUrl }).versions()).toEqual(["v1.14.0"]);
    expect((await failure(createImageFactory({ baseUrl }).officialExtensions("v1.14.0"))).message).toContain(
      "more than 3 times",
    );
  });

  test("to another place are not", async () => {
    let reached = false;
    const inner = await serve((_request, response) => {
      reached = true;
      response.end('["v1.14.0"]');
    });
    for (const location of [`${inner}/versions`, "http://169.254.169.254/", "file:///etc/passwd", "http://"]) {
      const baseUrl = await serve((_request, response) => response.writeHead(302, { location }).end());
      expect(await failure(createImageFactory({ baseUrl }).versions())).toMatchObject({ kind: "nonsense" });
    }
    expect(reached).toBe(false);
  });

  test.each([
    ["https://f/", "https://f/x", true],
    ["http://f/", "https://f/x", true],
    ["https://f/", "http://f/x", false],
    ["https://f/", "https://g/x", false],
    ["https://f/", "https://f:8443/x", false],
    ["https://f/", "https://u:p@f/x", false],
    ["http://f:80/", "http://f:81/x", false],
  ])("%s → %s: %s", (from, to, expected) => {
    expect(mayFollow(new URL(from), new URL(to))).toBe(expected);
  });
});
