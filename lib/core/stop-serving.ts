import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** After so long, answers that go on are cut off: a browser that reads slowly, one that sent half a request. */
const cutAfterMs = 4_000;
const idleEveryMs = 200;

const servers = new Set<Server>();
let stopping = false;

/** Learns the HTTP servers of this process from their requests, since Next makes its own and does not hand it out. */
export function noticeServers(): void {
  subscribe("http.server.request.start", (message) => {
    const { server } = message as { server: Server };
    if (servers.has(server)) return;
    servers.add(server);
    if (stopping) refuseFrom(server);
  });
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const isApi = request.url?.startsWith("/api/") === true;
  const message = "Ichor is stopping.";
  response.writeHead(503, {
    connection: "close",
    "cache-control": "no-store",
    "retry-after": "5",
    "content-type": isApi ? "application/json" : "text/plain; charset=utf-8",
  });
  const error = { code: "unavailable", message, hint: "Try again in a moment.", requestId: "stopping" };
  response.end(isApi ? JSON.stringify({ error }) : `${message}\n`);
}

/** The channel tells of a request before it is handed to the listeners, so that the very first one is refused as well. */
function refuseFrom(server: Server): void {
  server.removeAllListeners("request");
  server.on("request", refuse);
}

/**
 * From now on requests on connections that are open get 503 with `Connection: close`; idle ones are closed, and what is still
 * being answered is cut off after `cutMs`. New connections are the server's to refuse (`close`).
 */
export function stopServing(cutMs = cutAfterMs): void {
  stopping = true;
  for (const server of servers) refuseFrom(server);
  // A connection becomes idle when its answer ends, and Node would keep it for the next request.
  setInterval(() => servers.forEach((server) => server.closeIdleConnections()), idleEveryMs).unref();
  setTimeout(() => servers.forEach((server) => server.closeAllConnections()), cutMs).unref();
}
