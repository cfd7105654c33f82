import "server-only";
import { setMaxListeners } from "node:events";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { offThread } from "@/lib/core/off-thread/pool";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { contractOfTalosVersion } from "@/lib/machine-config/schema";
import { type TalosContext, writeTalosconfig } from "@/lib/talos/talosconfig";
import { refreshCluster } from "./cluster-records";
import { putClusterSecret } from "./cluster-secrets";
import { forgetCredentials } from "./credentials";
import { recordAsFound } from "./drift/as-found";
import { type ClusterReading, type MemberReading, readCluster } from "./import-read";
import { parseMacs } from "./node-records";
import { refreshNodes } from "./refresh";
import { readContext } from "./tasks";

export type ImportInput = { talosconfig: string; context?: string | undefined; renew?: boolean | undefined };
export type ImportResult = {
  clusterId: string;
  name: string;
  nodes: number;
  /** Members that did not answer; they are there, and unreachable. */
  silent: string[];
};

const factsJson = (member: MemberReading) => JSON.stringify({ ...member.facts, readAtMs: null });

const knownColumns = {
  id: true,
  address: true,
  machineUuid: true,
  macs: true,
  hostname: true,
  clusterId: true,
  cluster: { select: { name: true } },
} as const;
const readKnown = (tx: Tx) => tx.node.findMany({ select: knownColumns });
/** All nodes by id: read once for an import, since a fleet's worth of members is compared with a fleet's worth of rows. */
type Known = Map<string, Awaited<ReturnType<typeof readKnown>>[number]>;

async function storeMember(tx: Tx, clusterId: string, member: MemberReading, nodes: Known): Promise<string> {
  const macs = member.facts.links.filter(({ physical }) => physical).map(({ hardwareAddress }) => hardwareAddress);
  const all = [...nodes.values()];
  const same = all.find(
    (node) =>
      (member.uuid !== null && node.machineUuid === member.uuid) ||
      (node.machineUuid === null && parseMacs(node.macs).some((mac) => macs.includes(mac))),
  );
  // A silent one may be recorded at another of its addresses: the one at which it once answered.
  const addresses = member.answered ? [member.address] : [member.address, ...member.addresses];
  const sameAddress = all.find((node) => node.address !== null && addresses.includes(node.address));
  for (const taken of [same, sameAddress]) {
    if (taken?.clusterId && taken.clusterId !== clusterId) {
      throw new AppError(
        "conflict",
        `${member.hostname ?? member.address} is there already, as a node of the cluster ${taken.cluster?.name ?? ""}.`,
        { hint: "Remove that node first if it has moved to this cluster. Nothing was stored." },
      );
    }
  }
  if (sameAddress && same && sameAddress.id !== same.id) {
    // Two rows turn out to be one machine: the one with the identity stays.
    await tx.node.delete({ where: { id: sameAddress.id } });
    nodes.delete(sameAddress.id);
  }
  const known = same ?? sameAddress;
  const data = {
    clusterId,
    address: member.answered ? member.address : (known?.address ?? member.address),
    role: member.role,
    ...(member.uuid !== null && { machineUuid: member.uuid }),
    ...(macs.length > 0 && { macs: JSON.stringify(macs) }),
    ...(member.answered && { facts: factsJson(member), factsAt: new Date() }),
  };
  const id = known?.id ?? newId("node");
  const stored = known
    ? await tx.node.update({ where: { id }, data, select: knownColumns })
    : await tx.node.create({ data: { id, hostname: member.hostname, ...data }, select: knownColumns });
  nodes.set(id, stored);
  return id;
}

async function storeCluster(tx: Tx, context: TalosContext, reading: ClusterReading, renew: boolean) {
  const name = reading.clusterName ?? context.name;
  const known = await tx.cluster.findFirst({
    where: { OR: [...(reading.talosClusterId ? [{ talosClusterId: reading.talosClusterId }] : []), { name }] },
  });
  if (known && known.talosClusterId !== reading.talosClusterId) {
    throw new AppError("conflict", `Another cluster named ${name} is there already.`, { hint: "Nothing was stored." });
  }
  if (known && !renew) {
    throw new AppError("conflict", `The cluster ${known.name} is there already.`, {
      hint: "To replace its credentials by these, import it again and choose to renew. Nothing was stored.",
    });
  }
  const id = known?.id ?? newId("cluster");
  const data = {
    endpoint: reading.kubernetesEndpoint || (known?.endpoint ?? ""),
    talosEndpoints: JSON.stringify(context.endpoints),
    talosClusterId: reading.talosClusterId,
  };
  const contract = reading.talosVersion === null ? null : contractOfTalosVersion(reading.talosVersion);
  await tx.cluster.upsert({ where: { id }, update: data, create: { id, name, contract, ...data } });
  const { endpoints, nodes, credentials, identity } = context;
  await putClusterSecret(tx, id, "talosconfig", {
    plaintext: writeTalosconfig([{ name, endpoints, nodes, credentials }]),
    role: identity.roles.join(","),
    notAfterMs: identity.notAfterMs,
  });
  // Made with the older credentials.
  await tx.clusterSecret.deleteMany({ where: { clusterId: id, kind: { in: ["reader-certificate", "kubeconfig"] } } });
  if (reading.kubeconfig !== null) {
    await putClusterSecret(tx, id, "kubeconfig", {
      plaintext: reading.kubeconfig,
      role: "system:masters",
      notAfterMs: null,
    });
  }
  return { id, name };
}

/** Members that tell the same UUID are one machine for none of them: boards are sold with one UUID for all. */
function withUuidsThatTell(members: readonly MemberReading[]): MemberReading[] {
  const counts = new Map<string | null, number>();
  for (const { uuid } of members) counts.set(uuid, (counts.get(uuid) ?? 0) + 1);
  return members.map((member) => (counts.get(member.uuid) === 1 ? member : { ...member, uuid: null }));
}

/**
 * Imports a cluster as it is: checks the talosconfig, asks the cluster for its members, and stores cluster, sealed
 * credentials and nodes in one transaction, after everything was read.
 * @throws AppError (and TalosError) with one sentence per reason; then nothing is stored.
 */
export async function importTalosconfig(_ctx: Ctx<Grants["admin"]>, input: ImportInput): Promise<ImportResult> {
  const context = await offThread(readContext, { text: input.talosconfig, name: input.context });
  // A thousand members take a minute or two on a small machine.
  const signal = AbortSignal.timeout(300_000);
  // Many members are asked many things at once.
  setMaxListeners(1_000, signal);
  const reading = await readCluster(context, signal);
  const members = withUuidsThatTell(reading.members);
  const stored = await withTransaction(async (tx) => {
    const cluster = await storeCluster(tx, context, reading, input.renew ?? false);
    const nodes: Known = new Map((await readKnown(tx)).map((node) => [node.id, node]));
    const nodeIds: string[] = [];
    for (const member of members) nodeIds.push(await storeMember(tx, cluster.id, member, nodes));
    return { ...cluster, nodeIds };
  });
  forgetCredentials(stored.id);
  await refreshCluster(stored.id);
  await refreshNodes(stored.nodeIds);
  await recordAsFound(stored.nodeIds, signal);
  return {
    clusterId: stored.id,
    name: stored.name,
    nodes: stored.nodeIds.length,
    silent: reading.members.filter(({ answered }) => !answered).map(({ hostname, address }) => hostname ?? address),
  };
}
