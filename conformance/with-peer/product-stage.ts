import { afterAll, beforeAll, expect, vi } from "vitest";
import { setUpTestDatabase } from "@/lib/db/testing";
import * as operations from "@/lib/inventory/operations";
import type { NodeView } from "@/lib/inventory/schema";
import { as, dataOf, named } from "@/lib/inventory/testing-fleet";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import { startPeerCluster, type PeerCluster } from "./cluster";

/** The peer that was built; set by whoever runs the tests. */
function peerBinary(): string {
  const binary = process.env.ICHOR_PEER;
  if (!binary) throw new Error("ICHOR_PEER has to name the peer: go build -o <file> ./peer in conformance/.");
  return binary;
}

/** The profile that the tests put on a machine with a card. */
export const profileIds = ["nvidia-open-production"];

/** For the top of a test file: a database, the watcher and a cluster of peers, all of its own. Gives the peers once they run. */
export function setUpPeers(): () => PeerCluster {
  const broken: unknown[] = [];
  let peers: PeerCluster | null = null;
  setUpTestDatabase();
  beforeAll(async () => {
    process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
    peers = await startPeerCluster(peerBinary(), (error) => void broken.push(error));
    process.env.ICHOR_FACTORY_URL = peers.factory.url;
    await startWatcher();
  });
  afterAll(async () => {
    await stopWatcher();
    await peers?.stop();
    delete process.env.ICHOR_NODE_NETWORKS;
    delete process.env.ICHOR_FACTORY_URL;
    expect(broken).toEqual([]);
  });
  return () => {
    if (!peers) throw new Error("The peers run only inside tests.");
    return peers;
  };
}

/** Waits until what is expected holds. */
export const eventually = (check: () => void | Promise<void>, timeout = 30_000) =>
  vi.waitFor(check, { timeout, interval: 50 });

/** The links of the proof of a node's first card, and what each of them is. */
export const linksOf = (view: NodeView) =>
  Object.fromEntries((view.proofs[0]?.links ?? []).map(({ id, state }) => [id, state]));

/** Imports the cluster's talosconfig, and waits until its nodes run and what plans go by is known of them. */
export async function importPeers({ control }: PeerCluster) {
  const result = dataOf(await as("admin", operations.talosconfigImport, { talosconfig: control.talosconfig }));
  await eventually(() => {
    for (const name of ["peer-cp", "peer-gpu", "peer-old"])
      expect(named(name)).toMatchObject({
        reachability: { state: "reachable" },
        stage: "running",
        ready: true,
        kubernetesVersion: "v1.34.2",
      });
    expect(named("peer-cp").etcd).toMatchObject({ leader: true, members: 1 });
  });
  return result;
}
