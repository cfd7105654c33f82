import net from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { mintTalosconfig } from "@/lib/machine-config/mint-talosconfig";
import type * as leaf from "@/lib/machine-config/pki-leaf";
import { MachineType } from "@/lib/talos/gen/resource/definitions/enums";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { publishHardware } from "@/sim/node/publish-hardware";
import { netIp } from "@/sim/resources/addresses";
import { members } from "@/sim/resources/kinds/cluster";
import { demoNodes } from "@/sim/scenario/demo";
import { controlPlaneAddresses, dialNode } from "./dial";
import { fleet } from "./fleet";
import type { ImportResult } from "./import-commands";
import { talosconfigImport } from "./operations";
import * as snapshot from "./node-snapshot";
import { as, dataOf } from "./testing-fleet";

vi.mock("./node-snapshot", async (original) => {
  const real = await original<typeof snapshot>();
  return { ...real, readMachine: vi.fn(real.readMachine) };
});

/** An address that any of the machines may hold, and has in its certificate. */
const shared = "127.255.250.2";
vi.mock("@/lib/machine-config/pki-leaf", async (original) => {
  const real = await original<typeof leaf>();
  const mintServerCertificate: typeof real.mintServerCertificate = (input) =>
    real.mintServerCertificate({ ...input, ips: [...input.ips, "127.255.250.2"] });
  return { ...real, mintServerCertificate };
});

setUpTestDatabase();

const names = ["cp-01", "gpu-06", "w-01"];
let sim: SimFleet;
const servers: net.Server[] = [];

beforeAll(async () => {
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 20 });
});
afterAll(() => sim?.stop());
beforeEach(() => void (process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8"));
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const { id } of fleet().views()) fleet().remove(id);
  for (const { id } of fleet().clusters()) fleet().removeCluster(id);
  await db.node.deleteMany();
  await db.cluster.deleteMany();
  delete process.env.ICHOR_NODE_NETWORKS;
});

const simNode = (name: string) => {
  const node = sim.world.nodes.get(name);
  if (!node) throw new Error(`no ${name}`);
  return node;
};
const addressOf = (name: string) => `${simNode(name).address}:50000`;
const importFrom = async (endpoints: string[], renew = false): Promise<ImportResult> => {
  const ca = sim.world.clusters.get("forge")?.secrets.os;
  if (!ca) throw new Error("no forge");
  const made = { authority: { ca }, clusterName: "forge", endpoints, roles: ["os:admin"], ttlMs: 3_600_000 };
  const talosconfig = await mintTalosconfig({ ...made, nowMs: Date.now() });
  return dataOf(await as("admin", talosconfigImport, { talosconfig, renew }));
};
/** What `forwardTo` listens to, at another address and port: a balancer, or an address that is shared. */
async function forwarding(host: string, port: number, forwardTo: string): Promise<number> {
  const server = net.createServer((socket) => {
    const [to = "", toPort] = forwardTo.split(":");
    const onward = net.connect(Number(toPort), to);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on("error", () => [socket, onward].forEach((each) => each.destroy()));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return (server.address() as net.AddressInfo).port;
}
/** Cluster discovery tells these addresses of a node, on every control plane. */
const tellAddresses = (name: string, addresses: string[]) =>
  simNode("cp-01").resources.put(members, name, {
    nodeId: name,
    addresses: addresses.map(netIp),
    hostname: name,
    machineType: MachineType.TYPE_WORKER,
    operatingSystem: "Talos",
  });

test("one endpoint that has no address is not in the way of the others", async () => {
  const result = await importFrom(["nowhere.invalid", addressOf("cp-01")]);
  expect(result).toMatchObject({ nodes: 3, silent: [] });
});

test("a member that falls silent while it is read keeps no other out", async () => {
  const { readMachine } = await vi.importActual<typeof snapshot>("./node-snapshot");
  vi.mocked(snapshot.readMachine).mockImplementation((client, signal) => {
    if (client.address === addressOf("w-01")) sim.fault("w-01", { kind: "unreachable" });
    return readMachine(client, signal);
  });
  try {
    expect(await importFrom([addressOf("cp-01")])).toMatchObject({ nodes: 3, silent: ["w-01"] });
  } finally {
    vi.mocked(snapshot.readMachine).mockImplementation(readMachine);
    sim.clearFault("w-01");
  }
});

test("a machine that answered at its second address is the same one while it is silent", async () => {
  const away = "127.255.250.1";
  tellAddresses("w-01", [away, simNode("w-01").address]);
  try {
    await importFrom([addressOf("cp-01")]);
    sim.fault("w-01", { kind: "unreachable" });
    expect(await importFrom([addressOf("cp-01")], true)).toMatchObject({ nodes: 3, silent: ["w-01"] });
    const rows = await db.node.findMany({ select: { address: true } });
    expect(rows.map(({ address }) => address).sort()).toEqual(names.map(addressOf).sort());
  } finally {
    sim.clearFault("w-01");
    tellAddresses("w-01", [simNode("w-01").address]);
  }
});

test("an address that passes from machine to machine is nobody's own", async () => {
  await forwarding(shared, 50_000, addressOf("gpu-06"));
  tellAddresses("gpu-06", [shared, simNode("gpu-06").address]);
  try {
    await importFrom([addressOf("cp-01")]);
    const rows = await db.node.findMany({ select: { address: true } });
    expect(rows.map(({ address }) => address).sort()).toEqual(names.map(addressOf).sort());
  } finally {
    tellAddresses("gpu-06", [simNode("gpu-06").address]);
  }
});

test("boards with one UUID for all are so many machines", async () => {
  const { machine } = simNode("w-01");
  const { uuid } = machine;
  machine.uuid = simNode("gpu-06").machine.uuid;
  publishHardware(simNode("w-01"));
  try {
    expect(await importFrom([addressOf("cp-01")])).toMatchObject({ nodes: 3, silent: [] });
    expect(await db.node.count()).toBe(3);
  } finally {
    machine.uuid = uuid;
    publishHardware(simNode("w-01"));
  }
});

test("a balancer is a way in, and its port is nobody else's", async () => {
  const port = await forwarding("127.0.0.1", 0, addressOf("cp-01"));
  const balancer = `127.0.0.1:${port}`;
  const { clusterId } = await importFrom([balancer]);
  const rows = await db.node.findMany({ select: { address: true } });
  expect(rows.map(({ address }) => address).sort()).toEqual(names.map(addressOf).sort());
  expect(await controlPlaneAddresses(clusterId)).toEqual([addressOf("cp-01"), balancer]);
  // A name that only the machines behind the balancer know.
  const dialled = await dialNode({ nodeId: "node_behind", address: "w-01:50000", clusterId }, "reader");
  expect(dialled.via).toBe(balancer);
  dialled.client.close();
});
