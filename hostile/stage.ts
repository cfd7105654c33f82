import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { generateAuthority } from "@/lib/machine-config/pki";
import { mintServerCertificate } from "@/lib/machine-config/pki-leaf";
import { type Fleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import type { NodeSpec } from "@/sim/scenario/node-spec";
import { tlsKeyPem } from "@/sim/wire/certificates";
import { ask, type Console, openConsole } from "../scripts/console-client";
import { demoCredentials } from "../scripts/demo-credentials.mjs";
import { freePort } from "../scripts/processes.mjs";
import { type Child, startChild, tell } from "./children";
import type { ServerIdentity } from "./false-node";

export type Stage = {
  fleet: Fleet;
  console: Console;
  peers: Child;
  meter: Child;
  serverPid: number;
  stop: () => Promise<void>;
};

const nodeList = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    address: z.string(),
    reachability: z.object({ state: z.string(), reason: z.string().optional(), kind: z.string().optional() }),
    config: z.object({ state: z.string(), reason: z.string().optional() }),
  }),
);
export type ListedNode = z.infer<typeof nodeList>[number];
export const nodesOf = async (console: Console): Promise<ListedNode[]> => nodeList.parse(await ask(console, "nodes"));

/** Three control planes, and workers of which each row takes one. */
function quietNodes(workers: number): NodeSpec[] {
  const planes = demoNodes.filter(({ role, cluster }) => role === "controlplane" && cluster === "forge");
  const plain = demoNodes.find(({ name }) => name === "w-01");
  if (!plain) throw new Error("the demo has no w-01");
  const copies = Array.from({ length: workers }, (_, at) => ({ ...plain, name: `w-${at + 1}`, host: `2.${at + 1}` }));
  return [...planes, ...copies];
}

const dayMs = 86_400_000;
const day = () => ({ notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + dayMs) });

/** A certificate of the cluster for a node's address: that of the machine itself, taken over by somebody. */
export async function identityOf(fleet: Fleet, name: string): Promise<ServerIdentity> {
  const node = fleet.world.nodes.get(name);
  if (!node?.cluster) throw new Error(`no node ${name}`);
  const ca = node.cluster.secrets.os;
  const names = { ips: [node.address], dnsNames: [node.hostname], commonName: node.hostname };
  const { certPem, keyPem } = await mintServerCertificate({ ca, ...names, ...day() });
  return { certPem, keyPem: tlsKeyPem(keyPem), caPem: ca.certPem };
}

/** What a machine without a config shows (Talos controllers/secrets/maintenance_root.go). */
export async function maintenanceIdentity(host: string): Promise<ServerIdentity> {
  const ca = await generateAuthority({ kind: "ed25519", organization: null, nowMs: Date.now() });
  const names = { ips: [host], dnsNames: ["waiting"], commonName: "maintenance-service.talos.dev" };
  const { certPem, keyPem } = await mintServerCertificate({ ca, ...names, ...day() });
  return { certPem, keyPem: tlsKeyPem(keyPem), caPem: null };
}

/** The Kubernetes API and the factory are reached through the hostile process, which passes on until it is told to become hostile. */
async function switchServices(fleet: Fleet, peers: Child): Promise<{ factoryUrl: string }> {
  const cluster = [...fleet.world.clusters.values()][0];
  if (!cluster) throw new Error("the fleet has no cluster");
  const { certPem, keyPem } = await mintServerCertificate({
    ca: cluster.secrets.kubernetes,
    ...{ ips: ["127.0.0.1"], dnsNames: ["localhost"], commonName: "kube-apiserver", keyKind: "ecdsa-p256" },
    ...day(),
  });
  const identity = { certPem, keyPem: tlsKeyPem(keyPem), caPem: null };
  const target = (url: string) => Number(new URL(url).port);
  const kubernetes = { do: "service", name: "kubernetes", target: target(fleet.kubernetesUrl), identity } as const;
  cluster.kubernetesEndpoint = `https://127.0.0.1:${await tell(peers, kubernetes)}`;
  const factory = { do: "service", name: "factory", target: target(fleet.factoryUrl), identity: null } as const;
  return { factoryUrl: `http://127.0.0.1:${await tell(peers, factory)}` };
}

/** Starts everything, each in a process of its own, and imports the cluster. What was started has ended where it throws. */
export async function setStage(dir: string, workers: number): Promise<Stage> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const fleet = await startFleet({ scenario: quietNodes(workers), prepare: true });
    ends.push(() => fleet.stop());
    const peers = await startChild("peers.ts");
    ends.push(peers.stop);
    const { factoryUrl } = await switchServices(fleet, peers);
    const port = await freePort();
    const dataDir = path.join(dir, "data");
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const env = {
      ICHOR_DATA_DIR: dataDir,
      ICHOR_URL: `http://127.0.0.1:${port}`,
      ICHOR_FACTORY_URL: factoryUrl,
      ICHOR_NODE_NETWORKS: "127.0.0.0/8",
    };
    const { token } = await demoCredentials(dataDir, env);
    const console = await openConsole({ port, dataDir, token }, env);
    ends.push(console.stop);
    const meter = await startChild("meter.ts", [`${console.address}/api/health`]);
    ends.push(meter.stop);
    await ask(console, "operations/talosconfig.import", { talosconfig: fleet.talosconfig });
    return { fleet, console, peers, meter, serverPid: console.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
