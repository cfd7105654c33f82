import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";

let child: ChildProcess | null = null;
const sockets: net.Socket[] = [];
afterEach(() => {
  child?.kill("SIGKILL");
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Starts the fixture; `line` gives its next line. */
async function start(cutMs: number, byMs: number) {
  const fixture = path.join(import.meta.dirname, "stop-serving.fixture.ts");
  const started = spawn(process.execPath, ["--import=tsx", fixture, String(cutMs), String(byMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = started;
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  return { started, line, port: Number(await line()), ended: once(started, "exit") };
}

/** A connection that sends what it is told; it may never read. */
async function connect(port: number, text: string): Promise<net.Socket> {
  const socket = net.connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

const get = (port: number, agent: http.Agent): Promise<{ status: number; connection: string; body: string }> =>
  new Promise((resolve, reject) => {
    http
      .get({ port, host: "127.0.0.1", path: "/api/health", agent }, (response) => {
        let body = "";
        response.on("data", (chunk) => (body += String(chunk)));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, connection: response.headers.connection ?? "", body }),
        );
      })
      .on("error", reject);
  });

test("whatever browsers hold open, the server ends; what comes meanwhile on open connections is refused", async () => {
  const { started, line, port, ended } = await start(1_500, 600_000);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  expect((await get(port, agent)).status).toBe(200);
  const endless = await connect(port, "GET /endless HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(endless, "data");
  const slow = await connect(port, "GET /flood HTTP/1.1\r\nhost: x\r\n\r\n");
  slow.pause();
  // Half a request, and one that has said nothing at all.
  await connect(port, "GET /never HTTP/1.1\r\nho");
  await connect(port, "");
  const kept = await connect(port, "GET /api/one HTTP/1.1\r\nhost: x\r\n\r\n");
  let answers = "";
  kept.on("data", (chunk) => (answers += String(chunk)));
  // The second request has begun on this connection when the stop comes, so it is not idle.
  await once(kept, "data");
  kept.write("GET /api/two HTTP/1.1\r\nhost");
  await once(await connect(port, "GET /api/three HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"), "data");
  started.kill("SIGTERM");
  expect(await line()).toBe("stopping");
  kept.write(": x\r\n\r\n");
  await once(kept, "close");
  expect(answers).toMatch(/HTTP\/1\.1 503 .*\r\n(.*\r\n)*connection: close/i);
  expect(answers).toContain("Ichor is stopping.");
  expect(await ended).toEqual([143, null]);
  agent.destroy();
});

test("where no connection could be cut, the time limit ends it", async () => {
  const { started, port, ended } = await start(600_000, 500);
  const endless = await connect(port, "GET /endless HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(endless, "data");
  started.kill("SIGTERM");
  expect(await ended).toEqual([99, null]);
});
