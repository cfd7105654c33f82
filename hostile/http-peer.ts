import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { ServerIdentity } from "./false-node";

/** What an Image Factory or a Kubernetes API does to whoever asks it. */
export const httpTricks = [
  "endless-answer",
  "endless-pages",
  "huge-object",
  "deep-answer",
  "slow-bytes",
  "silent",
] as const;
export type HttpTrick = (typeof httpTricks)[number];

const json = { "content-type": "application/json" };
const filler = "x".repeat(64 * 1024);

const tricks: Record<HttpTrick, RequestListener> = {
  "endless-answer": (_request, response) => {
    response.writeHead(200, json);
    response.write('["v1.0.0"');
    const pump = () => {
      while (!response.destroyed) if (!response.write(`,"v1.0.${filler}"`)) return void response.once("drain", pump);
    };
    pump();
  },
  "endless-pages": (request, response) => {
    const page = Number(new URL(request.url ?? "/", "http://peer").searchParams.get("continue") ?? 0);
    const items = Array.from({ length: 50 }, (_, at) => ({
      metadata: { name: `n-${page}-${at}`, namespace: "default" },
    }));
    response.writeHead(200, json);
    response.end(JSON.stringify({ kind: "List", metadata: { continue: String(page + 1) }, items }));
  },
  "huge-object": (_request, response) => {
    response.writeHead(200, json);
    response.end(JSON.stringify({ metadata: { name: "huge", annotations: { a: filler.repeat(512) } } }));
  },
  "deep-answer": (_request, response) => {
    response.writeHead(200, json);
    response.end("[".repeat(900_000));
  },
  "slow-bytes": (_request, response) => {
    response.writeHead(200, json);
    const timer = setInterval(() => response.write("["), 1_000);
    response.on("close", () => clearInterval(timer));
  },
  silent: () => undefined,
};

export type Switched = { port: number; stop: () => void; become: (trick: HttpTrick | null) => void };

/**
 * Passes connections on to a real server, until it becomes hostile. With an identity it speaks TLS then.
 *
 * @param target port on loopback of the real server.
 */
export async function serveSwitched(target: number, identity: ServerIdentity | null): Promise<Switched> {
  let trick: HttpTrick | null = null;
  const sockets = new Set<Socket>();
  const answer: RequestListener = (request, response) => {
    response.on("error", () => undefined);
    request.resume();
    if (trick) tricks[trick](request, response);
  };
  const hostile = identity
    ? createHttpsServer({ key: identity.keyPem, cert: identity.certPem }, answer)
    : createHttpServer(answer);
  hostile.on("clientError", (_error, socket) => socket.destroy());
  const server = createServer((near) => {
    sockets.add(near);
    near.on("close", () => sockets.delete(near));
    near.on("error", () => near.destroy());
    if (trick) return void hostile.emit("connection", near);
    const far = connect(target, "127.0.0.1");
    near.pipe(far).pipe(near);
    far.on("error", () => near.destroy());
    near.on("close", () => far.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stop: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
    become: (next) => {
      trick = next;
      sockets.forEach((socket) => socket.destroy());
    },
  };
}
