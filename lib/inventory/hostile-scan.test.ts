import type { ServerWritableStream } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import type { LiveFrame } from "@/lib/live/frames";
import { hub } from "@/lib/live/hub";
import { type Handlers, startNode, type TestNode } from "@/lib/talos/testing/node";
import { mintAuthority, mintServer } from "@/lib/talos/testing/pki";
import { startScan } from "./scan";
import { eventually } from "./testing-fleet";

vi.mock("@/lib/core/bounds/input-caps", async (original) => {
  const real = await original<typeof import("@/lib/core/bounds/input-caps")>();
  // Less than 45 s, so that a machine that says nothing is seen to be left.
  return { ...real, nodeCaps: { ...real.nodeCaps, scanReadMs: 2_000 } };
});
setUpTestDatabase();

let told: LiveFrame[] = [];
const nodes: TestNode[] = [];
beforeEach(() => {
  told = [];
  vi.spyOn(hub(), "publish").mockImplementation((frame) => void told.push(frame));
});
afterEach(() => {
  vi.restoreAllMocks();
  nodes.splice(0).forEach((node) => node.kill());
});

/** A machine without a config: whoever speaks to it needs no credentials, and knows nothing of it. */
async function waiting(handlers: Handlers): Promise<string> {
  const server = await mintServer(await mintAuthority(null), { commonName: "maintenance-service.talos.dev" });
  const node = await startNode({ handlers, server });
  nodes.push(node);
  return node.address;
}

/** What a scan says of an address, once it is over. */
async function said(address: string): Promise<{ what: string; sentence: string } | undefined> {
  startScan([address]);
  await eventually(() =>
    expect(told.filter((frame) => frame.type === "scan.progress").at(-1)).toMatchObject({ finished: true }),
  );
  return told
    .flatMap((frame) => (frame.type === "scan.answers" ? frame.answers : []))
    .find((one) => one.address === address);
}

const resource = (id: string, yamlSpec: string) => ({
  metadata: {
    ...{ namespace: "runtime", type: "T", id, version: "1", owner: "c", phase: "running" },
    ...{ created: undefined, updated: undefined, finalizers: [], labels: {}, annotations: {} },
  },
  spec: { protoSpec: Buffer.alloc(0), yamlSpec },
});

test.each<[string, Handlers["state"], RegExp]>([
  [
    "an endless list",
    {
      list: (call) => {
        const stream = call as unknown as ServerWritableStream<never, unknown>;
        let at = 0;
        const pump = () => {
          while (!stream.cancelled)
            if (!stream.write({ resource: resource(`id-${at++}`, "a: 1\n") })) return void stream.once("drain", pump);
        };
        pump();
      },
    },
    /misbehaves: it sent more than/,
  ],
  [
    "a huge spec",
    { get: (_call, reply) => reply(null, { resource: resource("a", `a: ${"x".repeat(70_000)}\n`) } as never) },
    /misbehaves: it sent a spec/,
  ],
  ["silence", { get: () => undefined, list: () => undefined }, /did not tell what it is within 2 s/],
])("%s: nothing is stored, and the scan says why", async (_, state, sentence) => {
  const address = await waiting({ state });
  const answer = await said(address);
  expect(answer).toMatchObject({ what: "unread", sentence: expect.stringMatching(sentence) });
  expect(await db.node.count()).toBe(0);
});
