import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { auditEntryView } from "@/lib/audit/schema";
import { logFrame } from "@/lib/inventory/log-frames";
import { type NodeView, nodeView } from "@/lib/inventory/schema";
import type { LiveFrame } from "@/lib/live/frames";
import { runDetail } from "@/lib/upgrades/schema";
import { type CheckResult, Checks, eventually, holds, upTo } from "./checks";
import { type PeerCluster, startPeerCluster } from "./cluster";
import { ConsoleHttp } from "./console-http";
import { startRealConsole } from "./console-start";

const policy = { soakMs: 200, drainTimeoutMs: 20_000, pullStallMs: 10_000, returnTimeoutMs: 60_000 };

async function nodesOf(web: ConsoleHttp): Promise<Map<string, NodeView>> {
  return new Map((await web.read("nodes", z.array(nodeView))).map((node) => [node.name, node]));
}

async function nodeOf(web: ConsoleHttp, name: string): Promise<NodeView> {
  const node = (await nodesOf(web)).get(name);
  if (!node) throw new Error(`The console has no node ${name}.`);
  return node;
}

async function imports(checks: Checks, web: ConsoleHttp, peers: PeerCluster): Promise<void> {
  await checks.that("a talosconfig brings its nodes, and they are live", async () => {
    await web.operate("talosconfig.import", { talosconfig: peers.control.talosconfig }, z.unknown());
    await eventually("that all nodes run", async () => {
      const nodes = [...(await nodesOf(web)).values()];
      const whole = nodes.filter(({ ready, kubernetesVersion }) => ready && kubernetesVersion !== null);
      return whole.length === 3 ? whole : null;
    });
  });
  await checks.that("the live stream begins with all nodes", async () => {
    const leave = new AbortController();
    const frames = await upTo(web.live(leave.signal), ({ type }) => type === "synced");
    leave.abort();
    const names = frames.flatMap((frame) => (frame.type === "node.upsert" ? [frame.node.name] : []));
    deepEqual(names.sort(), ["peer-cp", "peer-gpu", "peer-old"]);
  });
}

async function reads(checks: Checks, web: ConsoleHttp): Promise<void> {
  const { id, clusterId } = await nodeOf(web, "peer-cp");
  for (const source of ["logs?service=kubelet", "dmesg"])
    await checks.that(`${source} is streamed`, async () => {
      const leave = new AbortController();
      const frames = web.stream(`nodes/${id}/${source}`, leave.signal);
      const [first] = await upTo(frames, (frame) => logFrame.parse(frame).type === "lines");
      leave.abort();
      ok(first);
    });
  await checks.that("a snapshot of etcd, whole, with its digest in the audit log", async () => {
    const body = Buffer.from(await (await web.get(`clusters/${clusterId}/etcd-snapshot`)).arrayBuffer());
    const digest = createHash("sha256").update(body).digest("hex");
    await eventually("that the digest is recorded", async () => {
      const { entries } = await web.read("audit", z.object({ entries: z.array(auditEntryView) }));
      return entries.some(({ detail }) => JSON.stringify(detail).includes(digest)) || null;
    });
  });
}

async function profile(checks: Checks, web: ConsoleHttp, peers: PeerCluster): Promise<void> {
  await checks.that("a GPU profile is assigned, and its config applied", async () => {
    const { id } = await nodeOf(web, "peer-gpu");
    const assignment = { nodeIds: [id], profileIds: ["nvidia-open-production"] };
    await web.operate("gpu-profile.assign", assignment, z.unknown());
    const change = { nodeId: id, patches: [], withIntent: true };
    const { hash } = await web.operate("node.preview-config", change, z.object({ hash: z.string() }));
    await web.operate("node.apply-config", { ...change, hash }, z.unknown());
    match((await peers.gpu.state()).config, /name: nvidia_uvm/);
  });
}

async function upgrades(checks: Checks, web: ConsoleHttp, peers: PeerCluster): Promise<void> {
  const before = await nodeOf(web, "peer-gpu");
  const leave = new AbortController();
  const frames: LiveFrame[] = [];
  const following = (async () => {
    for await (const frame of web.live(leave.signal)) frames.push(frame);
  })().catch(() => undefined);
  await checks.that(
    "an upgrade is planned, started and done",
    async () => {
      const input = { nodeIds: [before.id], targetVersion: "v1.14.0", policy };
      // What a plan goes by may just be changing; then the new one is started.
      const started = await eventually("the start of the run", async () => {
        const { hash } = await web.operate("upgrade.plan", input, z.object({ hash: z.string() }));
        return web.operate("upgrade.start", { ...input, planHash: hash }, z.object({ runId: z.string() }));
      });
      const run = await eventually(
        "the end of the run",
        async () => {
          const found = await web.read(`upgrades/${started.runId}`, runDetail);
          return ["done", "halted"].includes(found.state) ? found : null;
        },
        80_000,
      );
      deepEqual([run.state, run.nodes.map(({ reason }) => reason)], ["done", [""]]);
    },
    90_000,
  );
  await checks.that("its progress was told as it came", async () => {
    const kinds = new Set(frames.flatMap((frame) => (frame.type === "run.event" ? [frame.event.kind] : [])));
    for (const kind of ["layers", "installer-line", "installer-exit", "drain", "sequence", "proof"] as const)
      ok(kinds.has(kind), `there was no event of kind ${kind}`);
  });
  leave.abort();
  await following;
  await checks.that(
    "the node is another by version, schematic and boot, and its card works",
    async () => {
      const node = await eventually(
        "that the card works",
        async () => {
          const now = await nodeOf(web, "peer-gpu");
          return now.proofs[0]?.state === "working" ? now : null;
        },
        80_000,
      );
      const { running, bootId } = await peers.gpu.state();
      deepEqual(running, { release: "v1.14.0", schematicId: before.intent.schematicId });
      holds(node, { talosVersion: "v1.14.0", runningSchematicId: running.schematicId, bootId, ready: true });
      ok(bootId !== before.bootId);
    },
    90_000,
  );
}

async function afterwards(checks: Checks, web: ConsoleHttp, peers: PeerCluster): Promise<void> {
  await checks.that("a machine in maintenance mode is found", async () => {
    await web.operate("machine.scan", { target: peers.waiting.address.split(":")[0] }, z.unknown());
    await eventually("that the machine is listed", async () => {
      const nodes = [...(await nodesOf(web)).values()];
      return nodes.some(({ stage, hardware }) => stage === "maintenance" && hardware !== null) || null;
    });
  });
  await checks.that("the audit log has what was done, and how it ended", async () => {
    const { entries } = await web.read("audit?limit=200", z.object({ entries: z.array(auditEntryView) }));
    const done = new Set(entries.filter(({ outcome }) => outcome === "succeeded").map(({ action }) => action));
    for (const action of ["talosconfig.import", "node.apply-config", "upgrade.start", "node.install", "node.reboot"])
      ok(done.has(action), `${action} is not in the audit log: ${[...done].join()}`);
  });
  await checks.that("the metrics count the nodes and the working card", async () => {
    await eventually("that they do", async () => {
      const text = await (await web.get("metrics")).text();
      return [/^ichor_nodes\{state="reachable"\} 4$/m, /^ichor_gpus\{state="working"\} 1$/m].every((line) =>
        line.test(text),
      )
        ? text
        : null;
    });
  });
}

/**
 * A running console, on an empty data directory, against peers of the built program `binary`: over HTTP with an API token alone, from
 * the import to the proof after an upgrade. It is started as `npm start` does, which builds it first where it has changed. `say` gets a line for each check that fails.
 */
export async function runPeerConsole(binary: string, say: (line: string) => void): Promise<CheckResult> {
  const checks = new Checks(say);
  const broken: unknown[] = [];
  const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), "ichor-peer-"));
  const closers: (() => Promise<unknown>)[] = [() => fs.rm(dataDir, { recursive: true, force: true })];
  try {
    const peers = await startPeerCluster(binary, (error) => void broken.push(error));
    closers.push(peers.stop);
    const { address, token, lines, close } = await startRealConsole(dataDir, peers.factory.url);
    closers.push(close);
    const web = new ConsoleHttp(address, token);
    await imports(checks, web, peers);
    await profile(checks, web, peers);
    await upgrades(checks, web, peers);
    await reads(checks, web);
    await afterwards(checks, web, peers);
    await checks.that("the console logged no error of its own, and the factory had none", () => {
      deepEqual(broken, []);
      equal(lines.filter((line) => / error /i.test(line)).join("\n"), "");
    });
  } finally {
    for (const close of closers.reverse()) await close();
  }
  return checks.result;
}
