import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { runDetached } from "../clock";
import { boot } from "../node/boot";
import { fault, parseFault, type FaultKind } from "./fault";
import { applyFault, removeFault, type Controlled } from "./set-fault";

const request = z.object({ node: z.string(), fault: z.union([z.string().transform(parseFault), fault]) });
const power = z.object({ node: z.string(), power: z.enum(["on", "off"]) });

class Refused extends Error {
  override readonly name = "Refused";
}

function nodeOf({ world }: Controlled, name: string) {
  const node = world.nodes.get(name);
  if (!node) throw new Refused(`the fleet has no node "${name}"`);
  return node;
}

function stateOf({ world }: Controlled): unknown {
  return [...world.nodes.values()].map((node) => ({
    name: node.name,
    hostname: node.hostname,
    address: node.address,
    cluster: node.cluster?.name ?? null,
    power: node.power,
    stage: node.stage,
    ready: node.ready,
    running: node.running,
    slots: node.disk.slots,
    active: node.disk.active,
    bootId: node.bootId,
    faults: [...node.faults.values()],
  }));
}

async function act(controlled: Controlled, message: IncomingMessage, url: URL): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk as Uint8Array));
  const text = Buffer.concat(chunks).toString("utf8");
  const body: unknown = text === "" ? null : JSON.parse(text);
  const route = `${message.method} ${url.pathname}`;
  if (route === "GET /state") return stateOf(controlled);
  if (route === "GET /rpc-log") return controlled.world.rpcLog;
  if (route === "POST /faults") {
    const wanted = request.parse(body);
    applyFault(controlled, nodeOf(controlled, wanted.node), wanted.fault);
    return { ok: true };
  }
  if (route === "DELETE /faults") {
    const kind = url.searchParams.get("kind") ?? undefined;
    removeFault(controlled, nodeOf(controlled, url.searchParams.get("node") ?? ""), kind as FaultKind | undefined);
    return { ok: true };
  }
  if (route === "POST /drop-connections") {
    controlled.server.listener(z.object({ node: z.string() }).parse(body).node)?.dropConnections();
    return { ok: true };
  }
  if (route === "POST /power") {
    const wanted = power.parse(body);
    const node = nodeOf(controlled, wanted.node);
    if (wanted.power === "off") {
      node.cluster?.etcd.setRunning(node.name, false);
      node.powerOff();
    } else if (node.power === "off") runDetached(boot(node, { instant: false }), controlled.world.report);
    return { ok: true };
  }
  throw new Refused(`no such call: ${route}`);
}

/** The control API: faults, power, state and the log of mutating calls, as JSON on loopback. */
export async function startControl(
  controlled: Controlled,
  port: number,
): Promise<{ url: string; stop(): Promise<void> }> {
  const reply = (response: ServerResponse, code: number, value: unknown) =>
    void response.writeHead(code, { "content-type": "application/json" }).end(`${JSON.stringify(value)}\n`);
  const server = createServer((message, response) => {
    act(controlled, message, new URL(message.url ?? "/", "http://localhost")).then(
      (value) => reply(response, 200, value),
      (error: unknown) =>
        reply(response, error instanceof Refused ? 404 : 400, {
          error: error instanceof Error ? error.message : String(error),
        }),
    );
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
