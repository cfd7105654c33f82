import "server-only";
import { machineRule } from "@/lib/core/dial/address-rule";
import { resolveAllowed } from "@/lib/core/dial/resolve";
import { AppError, errorMessage } from "@/lib/core/errors";
import { parseKubeconfig } from "@/lib/kubernetes/kubeconfig";
import { openTalosClient, type TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import type { TalosContext } from "@/lib/talos/talosconfig";
import { configReadingOf, readNodeConfigs } from "./drift/read-config";
import type { ConfigReading } from "./drift/schema";
import { noFacts, type NodeFacts } from "./facts";
import { createGate } from "./gate";
import { listOrEmpty, specOrNull } from "./node-follow";
import { gpuFacts } from "./node-readings";
import { readMachine } from "./node-snapshot";
import { talosPort, withPort } from "./scan-range";
import type { NodeRole } from "./schema";

export type MemberReading = {
  /** Where it answered, else the first that it is said to have. */
  address: string;
  /** All that it is said to have. */
  addresses: string[];
  role: NodeRole;
  hostname: string | null;
  uuid: string | null;
  facts: NodeFacts;
  /** False: it is known from its cluster only; the watcher will tell why it does not answer. */
  answered: boolean;
};

export type ClusterReading = {
  talosClusterId: string | null;
  clusterName: string | null;
  talosVersion: string | null;
  /** Null where only an administrator may have it, or the cluster is not bootstrapped yet. */
  kubeconfig: string | null;
  kubernetesEndpoint: string;
  members: MemberReading[];
};

const firstCallMs = 8_000;
const memberCallMs = 6_000;
const membersAtOnce = 32;

/** Refuses endpoints that must not be dialled, before they are kept; whoever dials judges them again. */
async function checkEndpoint(endpoint: string): Promise<string> {
  const { host, address } = withPort(endpoint);
  await resolveAllowed(host, machineRule).catch((error: unknown) => {
    throw error instanceof AppError
      ? error
      : new AppError("unavailable", `The endpoint ${host} has no address in DNS.`);
  });
  return address;
}

/** @throws AppError `refused` for an endpoint that must not be dialled; one that DNS does not know (here, now) passes. */
async function refuseForbidden(endpoint: string): Promise<void> {
  try {
    await checkEndpoint(endpoint);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "unavailable") throw error;
  }
}

async function firstThatAnswers(context: TalosContext, signal?: AbortSignal): Promise<TalosClient> {
  if (context.endpoints.length === 0) {
    throw new AppError("invalid-input", `The context ${context.name} of the talosconfig has no endpoints.`, {
      hint: "Add one with talosctl config endpoint, then import it again.",
    });
  }
  // All of them, also those that are not needed now: they are kept, and dialled as ways into the cluster.
  await Promise.all(context.endpoints.map(refuseForbidden));
  const failures: unknown[] = [];
  for (const endpoint of context.endpoints) {
    let client: TalosClient | null = null;
    try {
      client = openTalosClient({ address: await checkEndpoint(endpoint), credentials: context.credentials });
      await client.version({ deadlineMs: firstCallMs, ...(signal && { signal }) });
      return client;
    } catch (error) {
      client?.close();
      failures.push(error);
    }
  }
  // A certificate that is refused says more than an address that is silent.
  const telling = failures.find((error) => error instanceof AppError && error.code !== "unavailable") ?? failures[0];
  if (telling instanceof AppError && failures.length > 1) {
    throw new AppError(telling.code, `None of the ${failures.length} endpoints could be used. ${telling.message}`, {
      ...(telling.hint !== undefined && { hint: telling.hint }),
      details: failures.map(errorMessage).join("\n"),
      cause: telling,
    });
  }
  throw telling;
}

type Candidate = { addresses: string[]; hostname: string | null; role: NodeRole };

async function candidatesOf(client: TalosClient, context: TalosContext, signal: AbortSignal): Promise<Candidate[]> {
  const members = await listOrEmpty(client, resourceDefs.member, signal);
  const via = withPort(client.address);
  // An endpoint that is no member is a balancer, whose port is its own.
  const port = members.some(({ spec }) => spec.addresses.includes(via.host)) ? via.port : talosPort;
  const found = members.map(({ id, spec }) => ({
    addresses: spec.addresses.map((address) => (address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`)),
    hostname: spec.hostname || id,
    role: spec.machineType,
  }));
  if (found.length > 0) return found;
  // Cluster discovery is off: what the talosconfig names is all that is known.
  const named = new Set([...context.endpoints, ...context.nodes].map((address) => withPort(address).address));
  return [...named].map((address) => ({ addresses: [address], hostname: null, role: "unknown" as const }));
}

/**
 * The addresses of a member that may be dialled; none where they are names that DNS does not know.
 * @throws AppError `refused` where it has only others: it would be dialled from then on.
 */
async function addressesOf(candidate: Candidate): Promise<string[]> {
  const allowed: string[] = [];
  let refusal: unknown = null;
  for (const address of candidate.addresses) {
    try {
      allowed.push(await checkEndpoint(address));
    } catch (error) {
      if (error instanceof AppError && error.code === "refused") refusal = error;
    }
  }
  if (allowed.length === 0 && refusal !== null) throw refusal;
  return allowed;
}

type Attempt = { address: string; client: TalosClient };

/**
 * Of the addresses of a machine that answers, the one that is its own: a virtual one of its cluster is among them while it
 * leads, often first, and passes to another machine.
 */
async function ownAddress(answered: Attempt, others: readonly Attempt[], signal: AbortSignal): Promise<string> {
  const addresses = await listOrEmpty(answered.client, resourceDefs.nodeAddress, signal);
  // Chosen when the machine booted, and kept while it is there (Talos controllers/network/node_address.go).
  const own = addresses.find(({ id }) => id === "default")?.spec.addresses[0]?.split("/")[0];
  const better = others.find(({ address }) => withPort(address).host === own);
  if (!better || better.address === answered.address) return answered.address;
  return better.client.version({ signal, deadlineMs: memberCallMs }).then(
    () => better.address,
    () => answered.address,
  );
}

/** What the member's own config says; null where that cannot be read now: it is tried again once the node is watched. */
async function configIn(client: TalosClient, signal: AbortSignal): Promise<ConfigReading | null> {
  try {
    return await configReadingOf(await readNodeConfigs(client, { signal }), Date.now(), { signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    return null;
  }
}

async function readMember(
  candidate: Candidate,
  context: TalosContext,
  via: TalosClient,
  signal: AbortSignal,
): Promise<MemberReading> {
  const { credentials } = context;
  const direct = (await addressesOf(candidate)).map((address) => ({
    address,
    client: openTalosClient({ address, credentials }),
  }));
  const first = direct[0]?.address ?? candidate.addresses[0] ?? "";
  const viaNode = withPort(first).host;
  const forwarded = { address: first, client: openTalosClient({ address: via.address, credentials, viaNode }) };
  const { addresses, hostname } = candidate;
  try {
    for (const attempt of [...direct, forwarded]) {
      try {
        await attempt.client.version({ signal, deadlineMs: memberCallMs });
        const address = attempt === forwarded ? first : await ownAddress(attempt, direct, signal);
        const { uuid, facts: read, pci } = await readMachine(attempt.client, signal);
        const config = context.identity.roles.includes("os:admin") ? await configIn(attempt.client, signal) : null;
        const known = { ...noFacts, ...read, config, readAtMs: Date.now() };
        const facts = { ...known, ...(pci && gpuFacts(pci, known)) };
        const role = facts.role === "unknown" ? candidate.role : facts.role;
        return { address, addresses, role, hostname: facts.hostname ?? hostname, uuid, facts, answered: true };
      } catch (error) {
        // One member that is silent, or falls silent meanwhile, must not keep its cluster out.
        if (signal.aborted || !(error instanceof AppError)) throw error;
      }
    }
    return { address: first, addresses, role: candidate.role, hostname, uuid: null, facts: noFacts, answered: false };
  } finally {
    for (const { client } of [...direct, forwarded]) client.close();
  }
}

/**
 * Asks a cluster for all that an import needs, and changes nothing.
 * @throws AppError or TalosError with the one reason why its endpoints cannot be used.
 */
export async function readCluster(context: TalosContext, signal: AbortSignal): Promise<ClusterReading> {
  const client = await firstThatAnswers(context, signal);
  try {
    const [info, version] = await Promise.all([
      specOrNull(client, resourceDefs.clusterInfo, signal),
      client.version({ signal }),
    ]);
    const candidates = await candidatesOf(client, context, signal);
    const pass = createGate(membersAtOnce);
    const members = await Promise.all(
      candidates.map(async (candidate) => {
        const leave = await pass(signal);
        return readMember(candidate, context, client, signal).finally(leave);
      }),
    );
    const admin = context.identity.roles.includes("os:admin");
    const kubeconfig = admin ? await client.kubeconfig({ signal }).catch(() => null) : null;
    return {
      talosClusterId: info?.clusterId || null,
      clusterName: info?.clusterName || context.cluster,
      talosVersion: version.tag,
      kubeconfig,
      kubernetesEndpoint: kubeconfig === null ? "" : parseKubeconfig(kubeconfig).server,
      members,
    };
  } finally {
    client.close();
  }
}
