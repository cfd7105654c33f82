import { beforeAll, expect, test } from "vitest";
import { named } from "@/lib/inventory/testing-fleet";
import type { Peer } from "./node";
import { eventually, importPeers, setUpPeers } from "./product-stage";
import { upgrade } from "./upgrade-run";

const peers = setUpPeers();
beforeAll(async () => void (await importPeers(peers())));

test("the only control plane is upgraded behind its guard, after a snapshot of etcd", async () => {
  const { state, reason, events } = await upgrade(named("peer-cp"), "v1.14.0");
  expect([state, reason]).toEqual(["done", ""]);
  expect(events.some((event) => event.kind === "note" && /etcd snapshot .*stored/.test(event.text))).toBe(true);
  expect((await peers().control.state()).running.release).toBe("v1.14.0");
  await eventually(() => expect(named("peer-cp")).toMatchObject({ talosVersion: "v1.14.0", ready: true }));
});

test("a pod whose budget allows no disruption halts the run before anything is changed, and says which", async () => {
  const run = await upgrade(named("peer-old"), "v1.13.9", { drainTimeoutMs: 1_500 });
  expect(run).toMatchObject({ state: "halted", nodeState: "failed" });
  expect(run.reason).toMatch(/default\/held.*may not be evicted: PodDisruptionBudget/);
  expect((await peers().old.state()).running.release).toBe("v1.12.11");
  expect((await peers().old.calls()).map(({ method }) => method)).not.toContain("/machine.MachineService/Upgrade");
  await peers().control.setBudget({ namespace: "default", name: "held", disruptionsAllowed: 1 });
});

test("1.12 takes the one call, to the next minor", async () => {
  const { state, reason, events } = await upgrade(named("peer-old"), "v1.13.9");
  expect([state, reason]).toEqual(["done", ""]);
  const told = events.flatMap((event) => (event.kind === "sequence" ? [event.text] : []));
  // From its start on; at this speed the machine may be gone before more is read.
  expect(told).toContain("upgrade: start");
  await eventually(() => expect(named("peer-old")).toMatchObject({ talosVersion: "v1.13.9", ready: true }));
});

type Trouble = {
  peer: () => Peer;
  begin: (peer: Peer) => Promise<void>;
  node: string;
  reason: RegExp;
  nodeState: string;
};
test.each<[string, Trouble]>([
  [
    "a pull that stalls",
    {
      peer: () => peers().old,
      begin: (peer) => peer.setFaults({ stall: ["/machine.ImageService/Pull"] }),
      node: "peer-old",
      reason: /no progress/,
      nodeState: "failed",
    },
  ],
  [
    "an installer that fails",
    {
      peer: () => peers().old,
      begin: (peer) => peer.setFaults({ installerExit: 6 }),
      node: "peer-old",
      reason: /Exit code 6/,
      nodeState: "failed",
    },
  ],
  [
    "an image that does not boot",
    {
      peer: () => peers().old,
      begin: (peer) => peer.setFaults({ rollback: true }),
      node: "peer-old",
      reason: /fell back/,
      nodeState: "rolled-back",
    },
  ],
])("%s halts the run with its reason", async (_name, { peer, begin, node, reason, nodeState }) => {
  await begin(peer());
  const run = await upgrade(named(node), "v1.14.0", { pullStallMs: 1_500 });
  await peer().setFaults({});
  expect(run.state).toBe("halted");
  expect(run.reason).toMatch(reason);
  expect(run.nodeState).toBe(nodeState);
  expect((await peer().state()).running.release).toBe("v1.13.9");
  await eventually(() => expect(named(node)).toMatchObject({ stage: "running", ready: true, runId: null }));
});
