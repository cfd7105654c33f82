import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { readCertificate } from "@/lib/talos/channel";
import { openTalosClient } from "@/lib/talos/client";
import type { TalosCredentials } from "@/lib/talos/credentials";
import { failureOf } from "@/lib/talos/testing/collect";
import { startNode, type Handlers } from "@/lib/talos/testing/node";
import {
  credentialsOf,
  mintAuthority,
  mintClient,
  mintServer,
  type Authority,
  type Identity,
  type Validity,
} from "@/lib/talos/testing/pki";

const hourMs = 3_600_000;
const later: Validity = { notBefore: new Date(Date.now() + hourMs), notAfter: new Date(Date.now() + 25 * hourMs) };
const before: Validity = { notBefore: new Date(Date.now() - 25 * hourMs), notAfter: new Date(Date.now() - hourMs) };
const handlers: Handlers = {
  machine: {
    version: (_call, reply) =>
      reply(null, {
        messages: [
          {
            metadata: undefined,
            version: { tag: "v1.13.9", sha: "abc", built: "", goVersion: "", os: "linux", arch: "amd64" },
            platform: { name: "metal", mode: "metal" },
            features: { rbac: true },
          },
        ],
      }),
  },
};

let authority: Authority;
let client: Identity;
const stops: (() => void)[] = [];
beforeAll(async () => {
  authority = await mintAuthority();
  client = await mintClient(authority);
});
afterEach(() => stops.splice(0).forEach((stop) => stop()));

/** Starts a node with this certificate and asks for its version with these credentials. */
async function ask(
  server: Identity,
  {
    credentials,
    host = "127.0.0.1",
    mtls = true,
  }: { credentials?: TalosCredentials; host?: string; mtls?: boolean } = {},
) {
  const node = await startNode({ handlers, server, ...(mtls ? { authority } : {}) });
  const talos = openTalosClient({
    address: `${host}:${node.port}`,
    credentials: credentials ?? credentialsOf(authority, client),
  });
  stops.push(() => (talos.close(), node.kill()));
  return { node, talos, answer: talos.version({ deadlineMs: 15_000 }) };
}

describe("mTLS", () => {
  it("talks over Ed25519 certificates, checks the IP SAN and causes no warning", async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(String(warning));
    process.on("warning", onWarning);
    const { answer } = await ask(await mintServer(authority));
    await expect(answer).resolves.toMatchObject({ tag: "v1.13.9", platform: "metal", rbac: true });
    await new Promise(setImmediate);
    process.off("warning", onWarning);
    expect(warnings.filter((warning) => warning.includes("DEP0123"))).toEqual([]);
  });

  it("checks a host name against the DNS SANs", async () => {
    const good = await ask(await mintServer(authority, { names: ["localhost"], ips: [] }), { host: "localhost" });
    await expect(good.answer).resolves.toMatchObject({ tag: "v1.13.9" });
    const bad = await ask(await mintServer(authority, { names: ["node-1"], ips: [] }), { host: "localhost" });
    expect((await failureOf(bad.answer)).kind).toBe("wrong-name");
  });

  it("accepts any certificate of a CA bundle while the CA is rotated", async () => {
    const old = await mintAuthority();
    const credentials: TalosCredentials = {
      ...credentialsOf(authority, client),
      caPem: `${old.pem}\n${authority.pem}`,
    };
    const { answer } = await ask(await mintServer(authority), { credentials });
    await expect(answer).resolves.toMatchObject({ tag: "v1.13.9" });
  });

  it("refuses a node of another CA", async () => {
    const { answer } = await ask(await mintServer(await mintAuthority()));
    const error = await failureOf(answer);
    expect(error.kind).toBe("refused-certificate");
    expect(error.message).toMatch(/^The certificate of 127\.0\.0\.1:\d+ is not trusted: /);
  });

  it("refuses a node whose certificate is for another address", async () => {
    const { answer } = await ask(await mintServer(authority, { ips: ["10.0.0.1"] }));
    const error = await failureOf(answer);
    expect(error.kind).toBe("wrong-name");
    expect(error.message).toContain("is for another name");
  });

  it("tells both clocks for an expired and for a not yet valid certificate", async () => {
    const expired = await failureOf((await ask(await mintServer(authority, before))).answer);
    expect(expired.kind).toBe("certificate-expired");
    expect(expired.clocks?.notAfterMs).toBe(Math.floor((before.notAfter?.getTime() ?? 0) / 1000) * 1000);
    expect(expired.message).toMatch(/expired at \d{4}-.*; our clock says \d{4}-/);
    const early = await failureOf((await ask(await mintServer(authority, later))).answer);
    expect(early.kind).toBe("certificate-not-yet-valid");
    expect(early.clocks?.notBeforeMs).toBeGreaterThan(early.clocks?.oursMs ?? Infinity);
    expect(early.message).toMatch(/valid only from \d{4}-.*; our clock says \d{4}-/);
  });

  it("says that the node is not in maintenance mode when it wants a client certificate", async () => {
    const server = await mintServer(authority);
    const { answer } = await ask(server, { credentials: { kind: "maintenance", fingerprint: server.fingerprint } });
    const error = await failureOf(answer);
    expect(error.kind).toBe("refused-certificate");
    expect(error.message).toContain("it is not in maintenance mode");
  });

  it("refuses a key that does not fit its certificate, without showing it", async () => {
    const other = await mintClient(authority);
    const { answer } = await ask(await mintServer(authority), {
      credentials: { ...credentialsOf(authority, client), keyPem: other.keyPem },
    });
    const error = await failureOf(answer);
    expect(error.kind).toBe("refused-certificate");
    expect(JSON.stringify([error.message, error.details])).not.toContain("PRIVATE");
  });
});

describe("maintenance mode", () => {
  const maintenance = async (dates: Validity = {}) =>
    mintServer(await mintAuthority(null), { commonName: "maintenance-service.talos.dev", ...dates });

  it("reads the certificate, pins it and talks", async () => {
    const server = await maintenance();
    const { node, answer } = await ask(server, {
      credentials: { kind: "maintenance", fingerprint: server.fingerprint },
      mtls: false,
    });
    await expect(answer).resolves.toMatchObject({ tag: "v1.13.9" });
    await expect(readCertificate(node.address)).resolves.toMatchObject({
      fingerprint: server.fingerprint,
      subject: "maintenance-service.talos.dev",
      issuer: "",
      isMaintenance: true,
    });
  });

  it.each([
    ["ahead", later],
    ["long behind", before],
  ])("talks to a machine whose clock is %s: the key counts, not the dates", async (_name, dates) => {
    const server = await maintenance(dates);
    const { answer } = await ask(server, {
      credentials: { kind: "maintenance", fingerprint: server.fingerprint },
      mtls: false,
    });
    await expect(answer).resolves.toMatchObject({ tag: "v1.13.9" });
  });

  it("takes any certificate at the first look", async () => {
    const { answer } = await ask(await maintenance(), {
      credentials: { kind: "maintenance", fingerprint: null },
      mtls: false,
    });
    await expect(answer).resolves.toMatchObject({ tag: "v1.13.9" });
  });

  it("refuses another key than the confirmed one, and names both", async () => {
    const [server, other] = [await maintenance(), await maintenance()];
    const { answer } = await ask(server, {
      credentials: { kind: "maintenance", fingerprint: other.fingerprint },
      mtls: false,
    });
    const error = await failureOf(answer);
    expect(error.kind).toBe("refused-certificate");
    expect(error.message).toContain(server.fingerprint);
    expect(error.message).toContain(other.fingerprint);
  });

  it("does not follow a node that shows another key behind the same address later", async () => {
    const [first, second] = [await maintenance(), await maintenance()];
    const { node, talos, answer } = await ask(first, {
      credentials: { kind: "maintenance", fingerprint: first.fingerprint },
      mtls: false,
    });
    await answer;
    node.kill();
    const impostor = await startNode({ handlers, server: second, port: node.port });
    stops.push(() => impostor.kill());
    await expect
      .poll(async () => (await failureOf(talos.version({ deadlineMs: 10_000 }))).kind, { timeout: 15_000 })
      .toBe("refused-certificate");
  });
});

describe("nobody there", () => {
  it("calls a closed port unreachable, with the reason", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const talos = openTalosClient({ address: `127.0.0.1:${port}`, credentials: credentialsOf(authority, client) });
    stops.push(() => talos.close());
    const error = await failureOf(talos.version());
    expect(error.kind).toBe("unreachable");
    expect(error.message).toContain("ECONNREFUSED");
    expect((await failureOf(readCertificate(`127.0.0.1:${port}`))).kind).toBe("unreachable");
  });

  it("calls a port that accepts and says nothing unreachable, after the deadline", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const talos = openTalosClient({ address: `127.0.0.1:${port}`, credentials: credentialsOf(authority, client) });
    stops.push(() => (talos.close(), silent.close()));
    const error = await failureOf(talos.version({ deadlineMs: 200 }));
    expect(error.kind).toBe("unreachable");
    expect(error.message).toContain("nobody answered within 0.2 s");
    expect((await failureOf(readCertificate(`127.0.0.1:${port}`, 100))).kind).toBe("unreachable");
    const controller = new AbortController();
    const reading = failureOf(readCertificate(`127.0.0.1:${port}`, 5_000, controller.signal));
    controller.abort();
    expect((await reading).kind).toBe("cancelled");
  });

  it("says so when what answers does not speak TLS", async () => {
    const plain = createServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-OpenSSH_9.2\r\n"));
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const { port } = plain.address() as AddressInfo;
    const talos = openTalosClient({ address: `127.0.0.1:${port}`, credentials: credentialsOf(authority, client) });
    stops.push(() => (talos.close(), plain.close()));
    expect((await failureOf(talos.version())).kind).toBe("refused-certificate");
  });
});
