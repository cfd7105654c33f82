import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GET as getEtcdSnapshot } from "../clusters/[cluster]/etcd-snapshot/route";
import { GET as getLogs } from "./[node]/logs/route";
import { GET as getDmesg } from "./[node]/dmesg/route";
import { listAudit } from "@/lib/audit/queries";
import { systemContext } from "@/lib/auth/ctx";
import { type Role, roles } from "@/lib/auth/role";
import { bearerOf, setUpTestDatabase } from "@/lib/inventory/http-testing";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import { fleet } from "@/lib/inventory/fleet";
import { type LogFrame, logFrame } from "@/lib/inventory/log-frames";
import { talosconfigImport } from "@/lib/inventory/operations";
import { as, dataOf, eventually, named } from "@/lib/inventory/testing-fleet";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";

setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 60_000 });

const action = "cluster.download-etcd-snapshot";
const tokens = new Map<Role, string>();
let sim: SimFleet;

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => ["cp-01", "w-01"].includes(name)), speed: 20 });
  await startWatcher();
  dataOf(await as("admin", talosconfigImport, { talosconfig: sim.talosconfig }));
  await eventually(() => {
    expect(named("cp-01").etcd).not.toBeNull();
    expect(named("w-01").reachability.state).toBe("reachable");
  });
  for (const role of roles) tokens.set(role, await bearerOf(role));
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
});

const request = (path: string, role: Role, init: RequestInit = {}) =>
  new Request(`http://127.0.0.1:3000${path}`, {
    ...init,
    headers: { ...init.headers, authorization: tokens.get(role) ?? "" },
  });
const clusterId = () => fleet().clusters()[0]?.id ?? "";
const snapshotOf = (id: string, role: Role, init?: RequestInit) =>
  getEtcdSnapshot(request(`/api/clusters/${id}/etcd-snapshot`, role, init), {
    params: Promise.resolve({ cluster: id }),
  });
const newestAudit = async () =>
  (await listAudit(systemContext("test"))).entries.find((entry) => entry.action === action);

test("a snapshot of etcd is streamed to an operator, whole, and the audit log has its sum", async () => {
  const response = await snapshotOf(clusterId(), "operator");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-disposition")).toMatch(/filename="etcd-forge-[\dTZ-]+\.snapshot"/);
  const bytes = Buffer.from(await response.arrayBuffer());
  // A database of whole pages, and behind it the sum that etcd appends.
  const [database, sum] = [bytes.subarray(0, -32), bytes.subarray(-32)];
  expect(database.length % 4096).toBe(0);
  expect(createHash("sha256").update(database).digest()).toEqual(sum);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(await newestAudit()).toMatchObject({
    outcome: "succeeded",
    target: { name: "forge" },
    actorName: "operator",
    detail: { bytes: bytes.length, sha256 },
  });
});

test("a viewer is refused and recorded; an unknown cluster is not found", async () => {
  const response = await snapshotOf(clusterId(), "viewer");
  expect(response.status).toBe(403);
  expect(await newestAudit()).toMatchObject({ phase: "denied", actorName: "viewer", target: { name: "forge" } });
  expect((await snapshotOf("cluster_none", "operator")).status).toBe(404);
});

test("a download that is broken off is recorded as such", async () => {
  const response = await snapshotOf(clusterId(), "operator");
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
  await reader?.cancel();
  await eventually(async () =>
    expect(await newestAudit()).toMatchObject({ outcome: "failed", errorCode: "cancelled" }),
  );
});

async function framesOf(response: Response, enough: (frames: LogFrame[]) => boolean): Promise<LogFrame[]> {
  const frames: LogFrame[] = [];
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (reader && !enough(frames)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data) frames.push(logFrame.parse(JSON.parse(data.slice(6))));
    }
  }
  await reader?.cancel();
  return frames;
}
const logs = (id: string, query: string, init?: RequestInit) =>
  getLogs(request(`/api/nodes/${id}/logs?${query}`, "operator", init), { params: Promise.resolve({ node: id }) });
const linesIn = (frames: readonly LogFrame[]) => frames.flatMap((frame) => (frame.type === "lines" ? frame.lines : []));

test("a service's log is streamed as it comes, and says of a gap after a reconnection", async () => {
  const { id } = named("w-01");
  const kubelet = sim.world.nodes.get("w-01")?.logs.get("kubelet");
  for (const line of ["older", "old"]) kubelet?.append(line);
  const response = await logs(id, "service=kubelet&tail=1");
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const frames = await framesOf(response, (all) => {
    // The past is there, so the node follows the log by now.
    if (linesIn(all).length === 1) kubelet?.append("new");
    return linesIn(all).includes("new");
  });
  expect(linesIn(frames)).toEqual(["old", "new"]);

  const resumed = await logs(id, "service=kubelet", { headers: { "last-event-id": "seen" } });
  expect((await framesOf(resumed, (all) => all.length > 0))[0]).toEqual({ type: "gap" });
});

test("logs may hold anything, secrets too, so a viewer gets none", async () => {
  const params = Promise.resolve({ node: named("w-01").id });
  expect((await getLogs(request("/api/nodes/x/logs?service=kubelet", "viewer"), { params })).status).toBe(403);
  expect((await getDmesg(request("/api/nodes/x/dmesg", "viewer"), { params })).status).toBe(403);
});

test("a log is downloaded as a text file; bad parameters and unknown nodes are refused", async () => {
  const { id } = named("w-01");
  const file = await logs(id, "service=kubelet&download=true");
  expect(file.headers.get("content-disposition")).toBe('attachment; filename="kubelet.log"');
  expect(await file.text()).toContain("older\nold\n");
  expect((await logs(id, "service=../../etc&tail=-1")).status).toBe(400);
  expect((await logs("node_none", "service=kubelet")).status).toBe(404);
});

test("a service that the node does not have ends the stream with an error frame, not with an empty log", async () => {
  const frames = await framesOf(await logs(named("w-01").id, "service=nonesuch"), (all) => all.length > 0);
  expect(frames.at(-1)).toMatchObject({ type: "error" });
});

test("the kernel log goes on after the record that was seen last", async () => {
  const { id } = named("w-01");
  const dmesg = (query: string, init?: RequestInit) =>
    getDmesg(request(`/api/nodes/${id}/dmesg${query}`, "operator", init), { params: Promise.resolve({ node: id }) });
  expect(await (await dmesg("?download=true")).text()).toContain("Linux version");
  const kernelLog = sim.world.nodes.get("w-01")?.kernelLog;
  const at = (time: string, text: string) => kernelLog?.append(`kern: info: [${time}]: ${text}`);
  at("2100-01-01T00:00:00Z", "seen");
  at("2100-01-01T00:00:01Z", "unseen");
  const resumed = await dmesg("", { headers: { "last-event-id": "2100-01-01T00:00:00Z" } });
  const frames = await framesOf(resumed, (all) => linesIn(all).length > 0);
  expect(linesIn(frames)).toEqual(["kern: info: [2100-01-01T00:00:01Z]: unseen"]);
});
