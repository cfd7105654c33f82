import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { pack } from "tar-stream";
import { mintClientCertificate } from "@/lib/machine-config/pki-leaf";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import type { SimCluster } from "../cluster/cluster";
import { adminKubeconfig, talosconfigFor } from "../cluster/client-configs";
import type { EtcdPeer } from "../cluster/etcd";
import type { SimNode } from "../node/node";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<
  MachineServiceServer,
  | "kubeconfig"
  | "generateClientConfiguration"
  | "etcdMemberList"
  | "etcdStatus"
  | "etcdAlarmList"
  | "etcdSnapshot"
  | "etcdForfeitLeadership"
>;

function clusterOf(node: SimNode, what: string): SimCluster {
  if (!node.controlPlane || !node.cluster)
    throw new RpcError(status.UNKNOWN, `${what} is only available on control plane nodes`);
  return node.cluster;
}

/** etcd as this node sees it: its own member must run, and a majority with it. */
function etcdOf(node: SimNode, what: string): SimCluster["etcd"] {
  const { etcd } = clusterOf(node, what);
  if (!etcd.member(node.name)?.running)
    throw new RpcError(
      status.UNAVAILABLE,
      "failed to create etcd client: error building etcd client: context deadline exceeded",
    );
  if (!etcd.quorate) throw new RpcError(status.UNKNOWN, "etcdserver: no leader");
  return etcd;
}

const memberMessage = (peer: EtcdPeer) => ({
  id: peer.id,
  hostname: peer.name,
  peerUrls: [`https://${peer.address}:2380`],
  clientUrls: [`https://${peer.address}:2379`],
  isLearner: peer.learner,
});

/** `kubectl`-ready credentials as the gzip'd tar of one file. */
async function kubeconfigArchive(cluster: SimCluster, nowMs: number): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: "kubeconfig", mode: 0o600 }, await adminKubeconfig(cluster, nowMs));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array));
  return gzipSync(Buffer.concat(chunks));
}

export function clusterPart(rpc: Rpc): Part {
  return {
    kubeconfig: rpc.stream(async ({ node }, _request, out) => {
      const bytes = await kubeconfigArchive(clusterOf(node, "kubeconfig"), node.nowMs());
      for (let offset = 0; offset < bytes.length; offset += 1024)
        await out.send({ metadata: undefined, bytes: bytes.subarray(offset, offset + 1024) });
    }),
    generateClientConfiguration: rpc.unary(async ({ node }, request) => {
      const cluster = clusterOf(node, "generate client configuration");
      const ttl = request.crtTtl ? Number(request.crtTtl.seconds) * 1000 : 24 * 3_600_000;
      const roles = request.roles.filter((role) => role !== "os:impersonator");
      if (roles.length === 0) throw new RpcError(status.INVALID_ARGUMENT, "roles are empty");
      const { os } = cluster.secrets;
      const pair = await mintClientCertificate({
        caCertPem: os.certPem,
        caKeyPem: os.keyPem,
        roles,
        ttlMs: ttl,
        nowMs: node.nowMs(),
      });
      const endpoints = cluster.etcd.members().map((member) => member.address);
      return {
        messages: [
          {
            metadata: undefined,
            ca: Buffer.from(os.certPem),
            crt: Buffer.from(pair.certPem),
            key: Buffer.from(pair.keyPem),
            talosconfig: Buffer.from(talosconfigFor(cluster.name, endpoints, os.certPem, pair)),
          },
        ],
      };
    }),
    etcdMemberList: rpc.unary(({ node }, { queryLocal }) => {
      const etcd = queryLocal ? clusterOf(node, "etcd member list").etcd : etcdOf(node, "etcd member list");
      return { messages: [{ metadata: undefined, legacyMembers: [], members: etcd.members().map(memberMessage) }] };
    }),
    etcdStatus: rpc.unary(({ node }) => {
      const { etcd } = clusterOf(node, "etcd status");
      const own = etcd.member(node.name);
      if (!own?.running)
        throw new RpcError(status.UNAVAILABLE, "failed to create etcd client: context deadline exceeded");
      const { term, index } = etcd.raft;
      const errors = etcd.quorate ? [] : ["etcdserver: no leader"];
      const memberStatus = {
        memberId: own.id,
        protocolVersion: "3.6.5",
        storageVersion: "3.6.0",
        dbSize: 42_106_880n,
        dbSizeInUse: 19_955_712n,
        leader: etcd.leader?.id ?? 0n,
        raftIndex: index,
        raftTerm: term,
        raftAppliedIndex: index,
        errors,
        isLearner: own.learner,
      };
      return { messages: [{ metadata: undefined, memberStatus }] };
    }),
    etcdAlarmList: rpc.unary(({ node }) => {
      etcdOf(node, "etcd alarm list");
      return { messages: [{ metadata: undefined, memberAlarms: [] }] };
    }),
    etcdSnapshot: rpc.stream(async ({ node }, _request, out) => {
      etcdOf(node, "etcd snapshot");
      // A bolt file's pages followed by the SHA-256 that etcd appends to its snapshots.
      const body = Buffer.alloc(512 * 1024);
      for (let offset = 0; offset < body.length; offset += 32)
        createHash("sha256").update(`${node.cluster?.name}/${offset}`).digest().copy(body, offset);
      const snapshot = Buffer.concat([body, createHash("sha256").update(body).digest()]);
      for (let offset = 0; offset < snapshot.length; offset += 1024)
        await out.send({ metadata: undefined, bytes: snapshot.subarray(offset, offset + 1024) });
    }),
    etcdForfeitLeadership: rpc.unary(({ node }) => {
      const next = etcdOf(node, "etcd forfeit leadership").forfeit(node.name);
      return { messages: [{ metadata: undefined, member: next?.name ?? "" }] };
    }),
  };
}
