import dns from "node:dns";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DialRule } from "./address-rule";
import { connectTls, httpAgent } from "./connect";
import { guardedFetch } from "./request";
import { guardedLookup, resolveAllowed } from "./resolve";

const service: DialRule = { kind: "service", url: "http://factory.example.org" };
const machine: DialRule = { kind: "machine" };

let hits = 0;
const server = http.createServer((_request, response) => {
  hits += 1;
  response.end("secret");
});
let port = 0;

/** A resolver that says one thing first and another from then on. */
function rebinding(first: string, later: string) {
  let asked = 0;
  return vi.spyOn(dns.promises, "lookup").mockImplementation((async () => {
    const address = asked++ === 0 ? first : later;
    return [{ address, family: net.isIP(address) }];
  }) as unknown as typeof dns.promises.lookup);
}

beforeEach(async () => {
  hits = 0;
  process.env.ICHOR_NODE_NETWORKS = "";
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8,::1/128";
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "connected",
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

describe("the door for outgoing connections", () => {
  test.each(["127.0.0.1", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "169.254.169.254", "[fd00:ec2::254]"])(
    "an IP literal is judged although no resolver is asked: %s",
    async (host) => {
      expect(await code(guardedFetch(new URL(`http://${host}:${port}/`), {}, service))).toBe("refused");
      expect(hits).toBe(0);
    },
  );

  test("forms that the system reads as loopback are judged by what they stand for", async () => {
    for (const host of ["localhost", "2130706433", "0x7f.1", "127.1"])
      expect(await code(guardedFetch(new URL(`http://${host}:${port}/`), {}, service)), host).not.toBe("connected");
    expect(hits).toBe(0);
  });

  test("a name that changes its answer after the check gains nothing", async () => {
    const resolver = rebinding("10.9.9.9", "127.0.0.1");
    expect(await resolveAllowed("rebind.example.org", machine)).toEqual([{ address: "10.9.9.9", family: 4 }]);
    expect(await code(guardedFetch(new URL(`http://rebind.example.org:${port}/`), {}, service))).toBe("refused");
    expect(resolver).toHaveBeenCalledTimes(2);
    expect(hits).toBe(0);
  });

  test("each connection resolves once, and goes to that address", async () => {
    process.env.ICHOR_NODE_NETWORKS = "127.0.0.1/32";
    const resolver = rebinding("127.0.0.1", "169.254.169.254");
    const response = await guardedFetch(new URL(`http://once.example.org:${port}/`), {}, service);
    expect(await response.text()).toBe("secret");
    expect(resolver).toHaveBeenCalledTimes(1);
  });

  test("of several addresses only the allowed ones are tried", async () => {
    vi.spyOn(dns.promises, "lookup").mockImplementation((async () => [
      { address: "169.254.169.254", family: 4 },
      { address: "fe80::1", family: 6 },
      { address: "10.0.0.5", family: 4 },
    ]) as unknown as typeof dns.promises.lookup);
    expect(await resolveAllowed("mixed.example.org", machine)).toEqual([{ address: "10.0.0.5", family: 4 }]);
    const [all, one, six] = await Promise.all(
      [{ all: true }, { all: false }, { all: false, family: 6 }].map(
        (options) =>
          new Promise<unknown>((resolve) =>
            guardedLookup(machine)("mixed.example.org", options, (error, address) => resolve(error ?? address)),
          ),
      ),
    );
    expect(all).toEqual([{ address: "10.0.0.5", family: 4 }]);
    expect(one).toBe("10.0.0.5");
    expect(six).toMatchObject({ code: "ENOTFOUND" });
  });

  test("TLS and agents go through it too; an agent of one origin connects to no other", async () => {
    expect(() => connectTls({ host: "127.0.0.1", port }, machine)).toThrow("does not dial");
    rebinding("127.0.0.1", "127.0.0.1");
    const socket = connectTls({ host: "name.example.org", port }, machine);
    await expect(new Promise((_, reject) => socket.once("error", reject))).rejects.toMatchObject({ code: "refused" });

    process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
    const agent = httpAgent(machine, { origin: `http://127.0.0.1:${port}` });
    const get = (url: string) =>
      code(new Promise((resolve, reject) => http.get(url, { agent }, resolve).once("error", reject)));
    expect(await get(`http://127.0.0.1:${port}/`)).toBe("connected");
    expect(await get(`http://127.0.0.2:${port}/`)).toBe("EREDIRECT");
    expect(await get(`http://127.0.0.1:${port + 1}/`)).toBe("EREDIRECT");
    agent.destroy();
  });

  test("a redirect is an answer and is not followed; an abort ends the request with its reason", async () => {
    process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
    server.once("request", () => undefined);
    const url = new URL(`http://127.0.0.1:${port}/`);
    const aborting = new AbortController();
    aborting.abort(new Error("enough"));
    await expect(guardedFetch(url, { signal: aborting.signal }, service)).rejects.toThrow("enough");
    const head = await guardedFetch(url, { method: "HEAD" }, service);
    expect([head.status, head.body]).toEqual([200, null]);
  });
});
