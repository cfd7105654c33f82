import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import type { LiveFrame } from "@/lib/live/frames";
import { hub } from "@/lib/live/hub";
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
