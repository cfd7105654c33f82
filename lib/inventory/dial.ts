import "server-only";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { openTalosClient, type TalosClient } from "@/lib/talos/client";
import { isTalosError } from "@/lib/talos/errors";
import { type CertificateFacts, readCertificate } from "@/lib/talos/probe";
import { resourceDefs } from "@/lib/talos/resources";
import { parseEndpoints } from "./cluster-records";
import { type AccessRole, credentialsFor, type Mtls } from "./credentials";
import { fleet } from "./fleet";
import { withPort } from "./scan-range";

export type DialTarget = { nodeId: string; address: string; clusterId: string | null };
export type Dialled = {
  client: TalosClient;
  mode: "mtls" | "maintenance";
  /** `direct`, or the control plane that forwards to it. */
  via: string;
  certificateExpiresMs: number | null;
  /** Maintenance mode: what the machine shows now. */
  fingerprint: string | null;
};
type DialOptions = { signal?: AbortSignal | undefined };

const directDeadlineMs = 6_000;
/** A node that was last reached through a control plane is tried directly only briefly. */
const knownForwardedMs = 1_500;
const forwardDeadlineMs = 8_000;

const routeKey = Symbol.for("ichor.routes");
const routes = ((globalThis as { [routeKey]?: Map<string, string> })[routeKey] ??= new Map<string, string>());

/** The cheapest call that every release answers in every mode: is it there, and does it take us? */
async function probe(client: TalosClient, deadlineMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await client.get(resourceDefs.machineStatus, undefined, { deadlineMs, ...(signal && { signal }) });
  } catch (error) {
    if (!isTalosError(error, "not-found")) throw error;
  }
}

const withSignal = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/**
 * Where a cluster's control planes are reached, as host:port: the addresses of its nodes, and the endpoints of its talosconfig
 * that are none of them, such as a balancer, which may be the only way in.
 */
async function waysIn(clusterId: string): Promise<{ nodes: string[]; balancers: string[] }> {
  const members = fleet()
    .states()
    .filter(({ record }) => record.clusterId === clusterId);
  const nodes = members
    .filter(({ record, facts }) => (facts.role === "unknown" ? record.role : facts.role) === "controlplane")
    .flatMap(({ record }) => record.address ?? []);
  const cluster = await db.cluster.findUnique({ where: { id: clusterId }, select: { talosEndpoints: true } });
  const endpoints = parseEndpoints(cluster?.talosEndpoints ?? "[]").map((endpoint) => withPort(endpoint).address);
  const taken = new Set(members.map(({ record }) => record.address));
  return { nodes, balancers: endpoints.filter((address) => !taken.has(address)) };
}

/** All of them, the nodes' own first. */
export async function controlPlaneAddresses(clusterId: string): Promise<string[]> {
  const { nodes, balancers } = await waysIn(clusterId);
  return [...nodes, ...balancers];
}

/** Has a control plane make a reader certificate: `GenerateClientConfiguration`, role os:admin. */
export async function certificateFromControlPlane(
  clusterId: string,
  admin: Mtls,
  ttlMs: number,
  signal?: AbortSignal,
): Promise<Mtls> {
  let failure: unknown = new AppError("unavailable", "No control plane of this cluster is known.");
  for (const address of await controlPlaneAddresses(clusterId)) {
    const client = openTalosClient({ address, credentials: admin });
    try {
      const made = await client.generateClientConfiguration({ roles: ["os:reader"], ttlMs }, withSignal(signal));
      return { kind: "mtls", caPem: made.caPem, certPem: made.certPem, keyPem: made.keyPem };
    } catch (error) {
      failure = error;
    } finally {
      client.close();
    }
  }
  throw failure;
}

/** Reads the certificate that an address shows, within the time that a direct dial has. Throws TalosError. */
export const lookAtCertificate = (address: string, signal?: AbortSignal): Promise<CertificateFacts> =>
  readCertificate(address, directDeadlineMs, signal);

/** Dials a machine without a config, pinned to the certificate that it shows right now (`shown`, where it was just read). */
export async function dialMaintenance(
  address: string,
  { signal, shown: known }: DialOptions & { shown?: CertificateFacts } = {},
): Promise<Dialled> {
  const shown = known ?? (await lookAtCertificate(address, signal));
  if (!shown.isMaintenance) {
    throw new AppError("refused", `${address} has a config already: it does not show a maintenance certificate.`, {
      hint: "Import the talosconfig of its cluster to see it.",
    });
  }
  const client = openTalosClient({ address, credentials: { kind: "maintenance", fingerprint: shown.fingerprint } });
  return { client, mode: "maintenance", via: "direct", certificateExpiresMs: null, fingerprint: shown.fingerprint };
}

async function dialForwarded(
  target: DialTarget,
  clusterId: string,
  { credentials, step }: { credentials: Mtls; step: boolean },
  signal?: AbortSignal,
) {
  const { host } = withPort(target.address);
  // A balancer first: where there is one, the nodes behind it are seldom reached by themselves.
  const { nodes, balancers } = await waysIn(clusterId);
  const others = [...balancers.slice(0, 2), ...nodes.filter((address) => address !== target.address).slice(0, 3)];
  const last = routes.get(target.nodeId);
  for (const address of others.sort((a, b) => Number(b === last) - Number(a === last))) {
    const client = openTalosClient({ address, credentials, viaNode: host, step });
    try {
      await probe(client, forwardDeadlineMs, signal);
      return { client, via: address };
    } catch {
      // The direct dial's failure is the one that is told; this was the way around it.
      client.close();
    }
  }
  return null;
}

async function dialMember(
  target: DialTarget,
  clusterId: string,
  role: AccessRole,
  signal?: AbortSignal,
): Promise<Dialled> {
  const held = await credentialsFor(clusterId, role, certificateFromControlPlane, signal);
  const done = (client: TalosClient, via: string): Dialled => {
    routes.set(target.nodeId, via);
    return { client, mode: "mtls", via, certificateExpiresMs: held.notAfterMs, fingerprint: null };
  };
  const forwarded = (routes.get(target.nodeId) ?? "direct") !== "direct";
  const step = role !== "reader";
  const client = openTalosClient({ address: target.address, credentials: held.credentials, step });
  try {
    await probe(client, forwarded ? knownForwardedMs : directDeadlineMs, signal);
    return done(client, "direct");
  } catch (error) {
    client.close();
    if (signal?.aborted) throw error;
    if (isTalosError(error, "refused-certificate", "wrong-name") && role === "reader") {
      // A machine that lost its config (reset) shows a certificate that no authority of ours has signed.
      const shown = await readCertificate(target.address, directDeadlineMs, signal);
      if (shown.isMaintenance) return dialMaintenance(target.address, { signal });
    }
    if (!isTalosError(error, "unreachable", "deadline")) throw error;
    const around = await dialForwarded(target, clusterId, { credentials: held.credentials, step }, signal);
    if (!around) throw error;
    return done(around.client, around.via);
  }
}

/**
 * Connects to a node and makes one call to see that it works: directly, else through a control plane of its cluster with
 * `node` metadata. A machine in no cluster, and for readers one that lost its config, is dialled in maintenance mode.
 * @throws TalosError for what went wrong on the way; AppError `refused` when no sufficient credentials are held.
 */
export async function dialNode(target: DialTarget, role: AccessRole, { signal }: DialOptions = {}): Promise<Dialled> {
  if (target.clusterId !== null) return dialMember(target, target.clusterId, role, signal);
  const dialled = await dialMaintenance(target.address, { signal });
  try {
    await probe(dialled.client, directDeadlineMs, signal);
    return dialled;
  } catch (error) {
    dialled.client.close();
    throw error;
  }
}
