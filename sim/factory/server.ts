import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import { AppError } from "@/lib/core/errors";
import { parseSchematic } from "@/lib/schematic/document";
import { answerAsset } from "./assets";
import { FactoryError } from "./error";
import { pxeScript } from "./pxe";
import type { SchematicRegistry } from "./registry";
import { extensionVersion, officialExtensions, releases } from "./releases";

export type FactoryServer = { url: string; stop(): Promise<void> };

type Route = { registry: SchematicRegistry; baseUrl: string; changed: () => void };

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}

const knownRelease = (text: string): string => {
  const release = text.startsWith("v") ? text : `v${text}`;
  if (!/^v\d+\.\d+\.\d+/.test(release))
    throw new FactoryError(500, "error parsing version: Invalid character(s) found in major number");
  if (!releases.includes(release))
    throw new FactoryError(404, `error getting extensions: version ${release} is not available`);
  return release;
};

function json(response: ServerResponse, code: number, value: unknown, contentType = "text/plain; charset=utf-8"): void {
  response.writeHead(code, { "content-type": contentType }).end(`${JSON.stringify(value)}\n`);
}

async function registerSchematic(
  request: IncomingMessage,
  response: ServerResponse,
  { registry, changed }: Route,
): Promise<void> {
  try {
    const document = parseSchematic(await body(request));
    if (document.owner) throw new FactoryError(400, "owner is not supported");
    const { id, canonical } = registry.register(document);
    changed();
    json(response, 201, { id, schematic: canonical }, "application/json");
  } catch (error) {
    if (error instanceof AppError)
      throw new FactoryError(400, `yaml: construct errors: ${error.details ?? error.message}`);
    throw error;
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, route: Route): Promise<void> {
  const url = new URL(request.url ?? "/", route.baseUrl);
  const parts = url.pathname
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const [first, second = "", third = "", fourth = ""] = parts;
  const read = request.method === "GET" || request.method === "HEAD";
  if (request.method === "POST" && first === "schematics" && parts.length === 1)
    return registerSchematic(request, response, route);
  if (!read) throw new FactoryError(405, "Method Not Allowed");
  if (first === "healthz" || first === "readyz") return void response.writeHead(200).end("ok\n");
  if (first === "versions" && parts.length === 1) return json(response, 200, releases);
  if (first === "schematics" && parts.length === 2) {
    const schematic = route.registry.get(second);
    if (!schematic) throw new FactoryError(404, "schematic not found");
    return void response.writeHead(200, { "content-type": "application/yaml" }).end(schematic.canonical);
  }
  if (first === "version" && fourth === "official" && third === "extensions")
    return json(response, 200, extensionList(knownRelease(second)));
  if (first === "version" && fourth === "official" && third === "overlays") return json(response, 200, []);
  if (first === "image" && parts.length === 4)
    return answerAsset(
      route.registry,
      { schematicId: second, release: third, path: fourth },
      request,
      response,
      url.searchParams.get("filename"),
    );
  if (first === "pxe" && parts.length === 4) {
    const script = pxeScript(route.registry, { schematicId: second, release: third, target: fourth }, route.baseUrl);
    return void response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(script);
  }
  throw new FactoryError(404, "404 page not found");
}

const extensionList = (release: string) =>
  officialExtensions(release).map((name) => ({
    name: `siderolabs/${name}`,
    ref: `ghcr.io/siderolabs/${name}:${extensionVersion(name, release)}`,
    digest: `sha256:${createHash("sha256").update(`${name}/${release}`).digest("hex")}`,
    author: "Sidero Labs",
    description: `[official] ${name}`,
  }));

/** Starts the Image Factory on loopback. `changed` is told of every new schematic. */
export async function startFactory(
  registry: SchematicRegistry,
  port: number,
  changed: () => void,
  report: (error: unknown) => void,
): Promise<FactoryServer> {
  const route: Route = { registry, baseUrl: "", changed };
  const server: Server = createServer((request, response) => {
    answer(request, response, route).catch((error: unknown) => {
      const known = error instanceof FactoryError ? error : new FactoryError(500, "internal error");
      if (!(error instanceof FactoryError)) report(error);
      if (!response.headersSent)
        response.writeHead(known.status, {
          "content-type": "text/plain; charset=utf-8",
          "x-content-type-options": "nosniff",
        });
      response.end(`${known.message}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  route.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: route.baseUrl,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
