import dns from "node:dns";
import { afterEach, expect, test, vi } from "vitest";
import { isTalosError } from "@/lib/talos/errors";
import { readCertificate } from "@/lib/talos/probe";
import { startPair } from "@/lib/talos/testing/node";

afterEach(() => {
  vi.restoreAllMocks();
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8,::1/128";
});

const version = {
  version: (_call: unknown, callback: (error: null, value: object) => void) => callback(null, { messages: [] }),
};

test("a node's name that turns to an address where no machine is reaches nobody", async () => {
  let address = "127.0.0.1";
  const lookup = vi
    .spyOn(dns.promises, "lookup")
    .mockImplementation((async () => [{ address, family: 4 }]) as unknown as typeof dns.promises.lookup);
  process.env.ICHOR_NODE_NETWORKS = "10.0.0.0/8";
  const pair = await startPair({ machine: version } as never, { address: (real) => `node.example.org:${real.port}` });
  try {
    const refused = await pair.client.version({ deadlineMs: 3_000 }).catch((error: unknown) => error);
    expect(isTalosError(refused, "unreachable")).toBe(true);
    expect(String(refused)).toContain("does not dial");
    address = "169.254.169.254";
    await expect(readCertificate(pair.client.address, 2_000)).rejects.toThrow("does not dial");
    expect(lookup).toHaveBeenCalled();
  } finally {
    pair.stop();
  }
});

test("an address that was allowed once and is no longer is not dialled again", async () => {
  const pair = await startPair({ machine: version } as never);
  process.env.ICHOR_NODE_NETWORKS = "";
  try {
    await expect(pair.client.version({ deadlineMs: 3_000 })).rejects.toThrow("does not dial");
    await expect(readCertificate(pair.node.address, 2_000)).rejects.toThrow("does not dial");
  } finally {
    pair.stop();
  }
});
