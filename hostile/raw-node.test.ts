import { createServer, type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openTalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import { failureOf } from "@/lib/talos/testing/collect";
import { startPair } from "@/lib/talos/testing/node";
import { credentialsOf, mintAuthority, mintClient, mintServer } from "@/lib/talos/testing/pki";
import { toNodeKeyPem } from "@/lib/talos/pem";
import { rawTricks, serveRaw } from "./raw-node";

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

test.each(rawTricks)(
  "a node that answers with %s: its call ends as a failure of it, and another node is read meanwhile",
  async (trick) => {
    const authority = await mintAuthority();
    const [server, admin] = await Promise.all([mintServer(authority), mintClient(authority, { roles: ["os:admin"] })]);
    const port = await freePort();
    const identity = { certPem: server.certPem, keyPem: toNodeKeyPem(server.keyPem), caPem: authority.pem };
    stops.push(await serveRaw({ host: "127.0.0.1", port }, identity, trick));
    const client = openTalosClient({ address: `127.0.0.1:${port}`, credentials: credentialsOf(authority, admin) });
    stops.push(() => client.close());
    const other = await startPair({
      state: {
        get: (_call, reply) =>
          reply(null, {
            resource: { metadata: undefined, spec: { protoSpec: Buffer.alloc(0), yamlSpec: "stage: running\n" } },
          }),
      },
    });
    stops.push(other.stop);

    const failure = failureOf(client.get(resourceDefs.machineStatus, undefined, { deadlineMs: 2_500 }));
    const ids = failureOf(
      (async () => {
        for await (const _ of client.watch(resourceDefs.kernelModuleStatus, {}, { inactivityMs: 2_500 }));
      })(),
    );
    expect((await other.client.get(resourceDefs.machineStatus)).spec.stage).toBe("running");
    // Never a plain error of a library, and never an empty answer.
    for (const error of await Promise.all([failure, ids])) {
      expect(["deadline", "unreachable", "node-failed", "misbehaving", "rolled-stream"]).toContain(error.kind);
      expect(error.message).toContain(`127.0.0.1:${port}`);
    }
  },
);
