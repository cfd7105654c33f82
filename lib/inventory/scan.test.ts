import { createServer, type AddressInfo, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import type { LiveFrame } from "@/lib/live/frames";
import { hub } from "@/lib/live/hub";
import { toNodeKeyPem } from "@/lib/talos/pem";
import { mintAuthority, mintServer } from "@/lib/talos/testing/pki";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { publishHardware } from "@/sim/node/publish-hardware";
import { demoNodes } from "@/sim/scenario/demo";
import { fleet } from "./fleet";
import * as refresh from "./refresh";
import { startScan } from "./scan";
import { eventually } from "./testing-fleet";

vi.mock("./refresh", async (original) => {
  const real = await original<typeof refresh>();
  return { ...real, refreshNodes: vi.fn(real.refreshNodes) };
});
setUpTestDatabase();

const names = ["new-01", "new-02"];
let sim: SimFleet;
let told: LiveFrame[] = [];

beforeAll(async () => {
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 20 });
});
afterAll(() => sim?.stop());
beforeEach(() => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  told = [];
  vi.spyOn(hub(), "publish").mockImplementation((frame) => void told.push(frame));
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const { id } of fleet().views()) fleet().remove(id);
  await db.node.deleteMany();
  delete process.env.ICHOR_NODE_NETWORKS;
});

const simNode = (name: string) => {
  const node = sim.world.nodes.get(name);
  if (!node) throw new Error(`no ${name}`);
  return node;
};
const targets = () => names.map((name) => `${simNode(name).address}:50000`);
const answers = () => told.filter((frame) => frame.type === "scan.answers").at(-1)?.answers ?? [];
const lastFrame = () => told.filter((frame) => frame.type === "scan.progress").at(-1);
const scanned = async (addresses: string[]) => {
  told = [];
  startScan(addresses);
  await eventually(() => expect(lastFrame()).toMatchObject({ finished: true }));
};

test("a scan that could not store what it found says so, and is over for good", async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  vi.mocked(refresh.refreshNodes)
    .mockImplementationOnce(() => Promise.reject(new Error("the disk is full")))
    .mockImplementationOnce(() => held);
  startScan(targets());
  await eventually(() => expect(refresh.refreshNodes).toHaveBeenCalledTimes(2));
  letGo();
  await eventually(() => expect(lastFrame()).toMatchObject({ finished: true, error: expect.stringContaining("log") }));
  expect(told.filter((frame) => frame.type === "scan.progress" && frame.finished)).toHaveLength(1);
});

test("boards with one UUID for all are so many machines", async () => {
  const { machine } = simNode("new-02");
  const { uuid } = machine;
  machine.uuid = simNode("new-01").machine.uuid;
  publishHardware(simNode("new-02"));
  await scanned(targets());
  const rows = await db.node.findMany({ select: { address: true } });
  expect(rows.map(({ address }) => address).sort()).toEqual(targets().sort());
  // Again, as often as one likes.
  await scanned(targets());
  expect(await db.node.count()).toBe(2);
  machine.uuid = uuid;
  publishHardware(simNode("new-02"));
});

test("a machine that has another address is the same one", async () => {
  await scanned([targets()[0] ?? ""]);
  const [row] = await db.node.findMany();
  await db.node.update({ where: { id: row?.id ?? "" }, data: { address: "127.255.250.9:50000" } });
  await scanned([targets()[0] ?? ""]);
  expect(await db.node.findMany({ select: { id: true, address: true } })).toEqual([
    { id: row?.id, address: targets()[0] },
  ]);
});

test.each([
  ["ahead", 40 * 86_400_000, /clock is ahead of this server's/],
  ["behind", -4_000 * 86_400_000, /clock is behind this server's/],
])("a machine whose clock is %s is found all the same, and says so", async (_name, skewMs, sentence) => {
  sim.fault("new-01", { kind: "clock-skew", skewMs });
  try {
    await scanned([targets()[0] ?? ""]);
    expect(lastFrame()).toMatchObject({ found: 1 });
    const [row] = await db.node.findMany();
    expect(answers()).toEqual([
      { address: targets()[0], what: "odd-clock", nodeId: row?.id, sentence: expect.stringMatching(sentence) },
    ]);
  } finally {
    sim.clearFault("new-01");
  }
});

/** A listener on an address of loopback, at a port of its own. */
const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

test("whatever answers is told: Talos with a config, another TLS server, no TLS at all; silence is nothing", async () => {
  const authority = await mintAuthority("talos");
  const [talos, web] = [await mintServer(authority), await mintServer(await mintAuthority("Example CA"))];
  const servers = [
    createTlsServer({ cert: talos.certPem, key: toNodeKeyPem(talos.keyPem) }),
    createTlsServer({ cert: web.certPem, key: toNodeKeyPem(web.keyPem) }),
    createServer((socket) => socket.end("220 mail.example.org\r\n")),
    createServer(),
  ];
  const addresses = await Promise.all(servers.map(listening));
  const closed = servers.pop();
  await new Promise((resolve) => closed?.close(resolve));
  try {
    await scanned(addresses);
    expect(lastFrame()).toMatchObject({ found: 0, done: 4, error: null });
    expect(new Map(answers().map(({ address, what }) => [address, what]))).toEqual(
      new Map([
        [addresses[0], "configured"],
        [addresses[1], "not-talos"],
        [addresses[2], "no-tls"],
      ]),
    );
    expect(answers().find(({ what }) => what === "not-talos")?.sentence).toContain("Example CA");
    expect(answers().find(({ what }) => what === "configured")?.sentence).toContain("talosconfig");
  } finally {
    for (const server of servers) server.close();
  }
});
