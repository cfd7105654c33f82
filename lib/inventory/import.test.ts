import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { mintTalosconfig } from "@/lib/machine-config/mint-talosconfig";
import { generateAuthority } from "@/lib/machine-config/pki";
import type { CertificatePair } from "@/lib/machine-config/pki-sign";
import { MachineType } from "@/lib/talos/gen/resource/definitions/enums";
import { parseTalosconfig, talosContext, writeTalosconfig } from "@/lib/talos/talosconfig";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { netIp } from "@/sim/resources/addresses";
import { members } from "@/sim/resources/kinds/cluster";
import { demoNodes } from "@/sim/scenario/demo";
import { fleet } from "./fleet";
import { talosconfigImport } from "./operations";
import { as } from "./testing-fleet";

setUpTestDatabase();

const hourMs = 3_600_000;
let sim: SimFleet;
let other: CertificatePair;

beforeAll(async () => {
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => ["cp-01", "w-01"].includes(name)), speed: 20 });
  other = await generateAuthority({ kind: "ed25519", organization: "talos", nowMs: Date.now() - hourMs });
});
afterAll(() => sim?.stop());
beforeEach(() => void (process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8"));
afterEach(() => void delete process.env.ICHOR_NODE_NETWORKS);

const addressOf = (name: string) => sim.nodes.find((node) => node.name === name)?.address ?? "";
const authority = () => sim.world.clusters.get("forge")?.secrets.os ?? other;
const minted = (changes: { ca?: CertificatePair; nowMs?: number; ttlMs?: number; endpoints?: string[] } = {}) =>
  mintTalosconfig({
    authority: { ca: changes.ca ?? authority() },
    clusterName: "forge",
    endpoints: changes.endpoints ?? [addressOf("cp-01")],
    roles: ["os:admin"],
    ttlMs: changes.ttlMs ?? hourMs,
    nowMs: changes.nowMs ?? Date.now(),
  });
/** Trusts the cluster's authority, and shows a certificate of another one. */
async function strangerToForge(): Promise<string> {
  const [context] = parseTalosconfig(await minted({ ca: other })).contexts;
  if (!context) throw new Error("no context");
  const { name, endpoints, credentials } = context;
  return writeTalosconfig([{ name, endpoints, credentials: { ...credentials, caPem: authority().certPem } }]);
}

const stored = async () => ({
  clusters: await db.cluster.findMany({ orderBy: { id: "asc" } }),
  nodes: await db.node.findMany({ orderBy: { id: "asc" } }),
  secrets: await db.clusterSecret.count(),
  shown: [...fleet().clusters(), ...fleet().views()].map(({ id }) => id),
});

/** Imports what must be refused, and holds that nothing at all was stored or shown, and the attempt is in the audit log. */
async function refusalOf(talosconfig: string, more: { context?: string } = {}) {
  const before = await stored();
  const result = await as("admin", talosconfigImport, { talosconfig, ...more });
  expect(await stored()).toEqual(before);
  expect((await listAudit(systemContext("test"))).entries[0]).toMatchObject({
    action: "talosconfig.import",
    outcome: "failed",
  });
  if (result.ok) throw new Error("it was imported");
  return result.error;
}

test.each<[string, () => string | Promise<string>, RegExp]>([
  ["no YAML", () => "context: [", /cannot be read|not valid|YAML/i],
  ["something else", () => "kind: Config\n", /talosconfig/i],
  ["a kubeconfig", () => "apiVersion: v1\nkind: Config\nclusters: []\n", /This is a kubeconfig, not a talosconfig/],
  [
    "an endpoint of Kubernetes",
    () => minted({ endpoints: ["https://192.0.2.10:6443"] }),
    /Kubernetes API \(port 6443\)/,
  ],
  ["a key that is none", async () => (await minted()).replace(/key: \S+/, "key: bm90IGEga2V5"), /key/i],
  ["a key of another certificate", async () => withKeyOf(await minted(), await minted()), /key/i],
  ["no endpoints", () => minted({ endpoints: [] }), /no endpoints/],
])("malformed: %s", async (_what, text, sentence) => {
  const error = await refusalOf(await text());
  expect(error).toMatchObject({ code: "invalid-input" });
  expect(error.message).toMatch(sentence);
  expect(error.message).not.toMatch(/BEGIN|LS0tLS/);
});

const withKeyOf = (one: string, another: string) => one.replace(/key: \S+/, /key: \S+/.exec(another)?.[0] ?? "no key");

test("a context that it does not have is named, with those that it has", async () => {
  const error = await refusalOf(await minted(), { context: "lab" });
  expect(error).toMatchObject({ code: "invalid-input", message: expect.stringContaining("lab") });
  expect(error.hint).toContain("forge");
});

test("a context of another cluster that has expired since is not in the way of the chosen one", async () => {
  const [forge] = parseTalosconfig(await minted()).contexts;
  const ranOut = await minted({ nowMs: Date.now() - 3 * hourMs, ttlMs: hourMs });
  const [lab] = parseTalosconfig(ranOut, Date.now() - 3 * hourMs).contexts;
  if (!forge || !lab) throw new Error("no contexts");
  const many = writeTalosconfig([forge, { ...lab, name: "lab" }], "lab");
  expect(talosContext(many, "forge")).toMatchObject({ name: "forge", endpoints: forge.endpoints });
  expect(await refusalOf(many)).toMatchObject({ message: expect.stringMatching(/^Context “lab”: .* expired/) });
});

test("a certificate that has expired is told with its date, and nobody is dialled", async () => {
  const error = await refusalOf(await minted({ nowMs: Date.now() - 3 * hourMs, ttlMs: hourMs }));
  expect(error.message).toMatch(/expired/);
  expect(error.message).toMatch(/\d{4}-\d\d-\d\d/);
});

test("an authority that is not the cluster's is told by the node, one that does not fit its certificate before", async () => {
  sim.world.methodsByRole.clear();
  const wrongAuthority = await refusalOf(await minted({ ca: other }));
  expect(wrongAuthority.message).toContain(addressOf("cp-01"));
  expect(wrongAuthority.message).toMatch(/certificate/);
  const stranger = await refusalOf(await strangerToForge());
  expect(stranger).toMatchObject({ code: "invalid-input", message: expect.stringContaining("certificate in crt") });
  expect([...sim.world.methodsByRole.keys()]).toEqual([]);
});

test("an endpoint that nobody answers at is named", async () => {
  const error = await refusalOf(await minted({ endpoints: ["127.255.250.1:1"] }));
  expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("127.255.250.1:1") });
});

test("addresses that must not be dialled are refused before anything is sent", async () => {
  delete process.env.ICHOR_NODE_NETWORKS;
  const error = await refusalOf(await minted());
  expect(error.message).toContain(addressOf("cp-01"));
});

test("an endpoint that must not be dialled is refused, although another one answers", async () => {
  const error = await refusalOf(await minted({ endpoints: [addressOf("cp-01"), "169.254.169.254"] }));
  expect(error).toMatchObject({ code: "refused", message: expect.stringMatching(/169\.254\.169\.254/) as string });
});

test("so is a name that stands for such an address", async () => {
  process.env.ICHOR_NODE_NETWORKS = `${addressOf("cp-01")}/32`;
  const error = await refusalOf(await minted({ endpoints: [addressOf("cp-01"), "localhost"] }));
  expect(error).toMatchObject({ code: "refused", message: expect.stringMatching(/^(127\.0\.0\.1|::1) is/) as string });
});

test("so is a member that names such an address as its only one", async () => {
  const controlPlane = [...sim.world.nodes.values()].find(({ hostname }) => hostname === "cp-01");
  if (!controlPlane) throw new Error("no cp-01");
  controlPlane.resources.put(members, "ghost", {
    nodeId: "ghost",
    addresses: [netIp("169.254.169.254")],
    hostname: "ghost",
    machineType: MachineType.TYPE_WORKER,
    operatingSystem: "Talos",
  });
  const error = await refusalOf(await minted());
  controlPlane.resources.remove(members, "ghost");
  expect(error).toMatchObject({ code: "refused", message: expect.stringMatching(/169\.254\.169\.254/) as string });
});

test("a node of another cluster, or another cluster of that name, stops the whole import", async () => {
  await db.cluster.create({ data: { id: "c_else", name: "elsewhere", endpoint: "", talosEndpoints: "[]" } });
  await db.node.create({ data: { id: "n_else", clusterId: "c_else", address: `${addressOf("w-01")}:50000` } });
  const taken = await refusalOf(sim.talosconfig);
  expect(taken).toMatchObject({ code: "conflict", message: expect.stringContaining("elsewhere") });
  expect(taken.message).toContain("w-01");
  await db.node.delete({ where: { id: "n_else" } });

  await db.cluster.update({ where: { id: "c_else" }, data: { name: "forge", talosClusterId: "another" } });
  expect(await refusalOf(sim.talosconfig)).toMatchObject({
    code: "conflict",
    message: "Another cluster named forge is there already.",
  });
});
