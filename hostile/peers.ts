import http from "node:http";
import os from "node:os";
import { nodeTricks, serveFalseNode, type NodeTrick } from "./false-node";
import { serveSwitched, type Switched } from "./http-peer";
import { order, type Order, orderAnswer } from "./order";
import { serveRaw, type RawTrick } from "./raw-node";

/*
 * The process of the hostile peers. It prints where it takes orders (`POST /`, JSON of `order`). It gives way to all others: the
 * peers must harm the server by what they send, not by taking its processor away.
 */
os.setPriority(19);
process.on("uncaughtException", (error) => console.error(`hostile peer: ${error.message}`));

const nodes = new Map<string, () => void>();
const services = new Map<string, Switched>();
const isSpoken = (trick: string): trick is NodeTrick => (nodeTricks as readonly string[]).includes(trick);

async function carryOut(given: Order): Promise<number | null> {
  switch (given.do) {
    case "node": {
      const { place, identity, trick, name } = given;
      const serve = isSpoken(trick)
        ? serveFalseNode(place, identity, trick)
        : serveRaw(place, identity, trick as RawTrick);
      nodes.set(name, await serve);
      return null;
    }
    case "stop":
      nodes.get(given.name)?.();
      nodes.delete(given.name);
      return null;
    case "service": {
      const service = await serveSwitched(given.target, given.identity);
      services.set(given.name, service);
      return service.port;
    }
    case "become":
      services.get(given.name)?.become(given.trick);
      return null;
  }
}

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const done = (port: number | null, error: string | null) =>
      response.end(JSON.stringify({ port, error } satisfies typeof orderAnswer._output));
    Promise.resolve()
      .then(() => carryOut(order.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")))))
      .then(
        (port) => done(port, null),
        (error: unknown) => done(null, error instanceof Error ? error.message : String(error)),
      );
  });
});
server.listen(0, "127.0.0.1", () => {
  const place = server.address();
  if (typeof place === "object" && place) console.log(`http://127.0.0.1:${place.port}`);
});
