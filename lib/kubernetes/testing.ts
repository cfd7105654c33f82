import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Server, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

type Handler = (request: {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
  headers: IncomingMessage["headers"];
}) =>
  | {
      status: number;
      body: unknown;
    }
  /** Sends the text again and again, without end. */
  | { drip: string; everyMs: number; left: () => void }
  | "hang"
  | "reset";

export type KubernetesTestServer = {
  port: number;
  kubeconfig: (overrides?: { ca?: string }) => string;
  close: () => Promise<void>;
};

/** A CA and certificate for 127.0.0.1, made by openssl in a directory that is gone afterwards. */
export function certificate(): { ca: string; cert: string; key: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "kubernetes-test-"));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  try {
    openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
    );
    const cert = readFileSync(path.join(folder, "cert.pem"), "utf8");
    return { ca: cert, cert, key: readFileSync(path.join(folder, "key.pem"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
};

/** A real HTTPS server on loopback that answers like an API server; client certificates are demanded and must be its own. */
export async function startKubernetesServer(handle: Handler): Promise<KubernetesTestServer> {
  const { ca, cert, key } = certificate();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "https://127.0.0.1");
    const { method = "GET", headers } = request;
    const reply = handle({
      method,
      path: url.pathname,
      query: url.searchParams,
      body: await readBody(request),
      headers,
    });
    if (reply === "hang") return;
    if (reply === "reset") return void request.socket.destroy();
    if ("drip" in reply) {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(reply.drip), reply.everyMs);
      return void response.on("close", () => (clearInterval(timer), reply.left()));
    }
    response.writeHead(reply.status, { "content-type": "application/json" }).end(JSON.stringify(reply.body));
  };
  const server: Server = createServer(
    { cert, key, ca, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      answer(request, response).catch(() => response.destroy());
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return {
    port,
    kubeconfig: (overrides = {}) =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "test",
        contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
        clusters: [
          {
            name: "test",
            cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority-data": base64(overrides.ca ?? ca) },
          },
        ],
        users: [{ name: "admin", user: { "client-certificate-data": base64(cert), "client-key-data": base64(key) } }],
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
