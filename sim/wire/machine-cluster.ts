import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { pack } from "tar-stream";
import { mintClientCertificate } from "@/lib/machine-config/pki-leaf";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import type { SimCluster } from "../cluster/cluster";
import { adminKubeconfig, talosconfigFor } from "../cluster/client-configs";
import { etcdContents } from "../cluster/etcd-contents";
import { etcdSnapshot } from "../cluster/etcd-snapshot";
import type { EtcdCluster, EtcdPeer } from "../cluster/etcd";
import { atLeast } from "../factory/releases";
import type { SimNode } from "../node/node";
import { requireControlPlane } from "./control-plane";
import { RpcError, type Rpc } from "./rpc";

const tarHeaderBytes = 512;

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

const refused = (port: string) =>
  `connection error: desc = "transport: Error while dialing: dial tcp ${port}: connect: connection refused"`;

/** etcd as asked through any of its members. */
function anyEtcd(node: SimNode, api: string): EtcdCluster {
  const { etcd } = requireControlPlane(node, api);
  if (!etcd.members().some(({ running }) => running))
    throw new RpcError(status.UNAVAILABLE, refused(`${node.address}:2379`));
  if (!etcd.quorate) throw new RpcError(status.UNKNOWN, "etcdserver: no leader");
  return etcd;
}

/** etcd as asked through this node's own member, which must run. */
function localEtcd(node: SimNode, api: string): EtcdCluster {
  const { etcd } = requireControlPlane(node, api);
  if (!etcd.member(node.name)?.running) throw new RpcError(status.UNAVAILABLE, refused("127.0.0.1:2379"));
  return anyEtcd(node, api);
}

const memberMessage = (peer: EtcdPeer) => ({
  id: peer.id,
  hostname: peer.name,
  peerUrls: [`https://${peer.address}:2380`],
  clientUrls: [`https://${peer.address}:2379`],
  isLearner: peer.learner,
});

/** `kubectl`-ready credentials as a gzip'd tar of one file. Talos leaves it without padding and end marks. */
async function kubeconfigArchive(cluster: SimCluster, nowMs: number): Promise<Buffer> {
  const content = Buffer.from(await adminKubeconfig(cluster, nowMs), "utf8");
  const archive = pack();
  archive.entry({ name: "kubeconfig", mode: 0o600 }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array));
  return gzipSync(Buffer.concat(chunks).subarray(0, tarHeaderBytes + content.length));
}

/** A control plane that makes a client configuration; a worker of 1.12 has its own refusal. */
function issuerOf(node: SimNode): SimCluster {
  if (!node.maintenance && !node.controlPlane && !atLeast(node.running.release, "1.13.0"))
    throw new RpcError(
      status.FAILED_PRECONDITION,
      "client configuration (talosconfig) can't be generated on worker nodes",
    );
  return requireControlPlane(node, "generate client configuration");
}

export function clusterPart(rpc: Rpc): Part {
  return {
    kubeconfig: rpc.stream(async ({ node }, _request, out) => {
      const bytes = await kubeconfigArchive(requireControlPlane(node, "kubeconfig"), node.nowMs());
      await out.send({ metadata: undefined, bytes });
    }),
    generateClientConfiguration: rpc.unary(async ({ node }, request) => {
      const cluster = issuerOf(node);
      const ttlMs = request.crtTtl ? Number(request.crtTtl.seconds) * 1000 + request.crtTtl.nanos / 1e6 : 0;
      if (ttlMs <= 0) throw new RpcError(status.INVALID_ARGUMENT, "crt_ttl should be positive");
      const roles = [...new Set(request.roles.map((role) => role.trim()).filter((role) => role !== ""))].sort();
      const { os } = cluster.secrets;
      const pair = await mintClientCertificate({
        caCertPem: os.certPem,
        caKeyPem: os.keyPem,
        roles,
        ttlMs,
        nowMs: node.nowMs(),
      });
      const [only, second] = roles;
      const context =
        only !== undefined && second === undefined ? `${only.replace(/^os:/, "")}@${cluster.name}` : cluster.name;
      return {
        messages: [
          {
            metadata: undefined,
            ca: Buffer.from(os.certPem),
            crt: Buffer.from(pair.certPem),
            key: Buffer.from(pair.keyPem),
            talosconfig: Buffer.from(talosconfigFor(context, [], os.certPem, pair)),
          },
        ],
      };
    }),
    etcdMemberList: rpc.unary(({ node }, { queryLocal }) => {
      const etcd = queryLocal ? localEtcd(node, "member list") : anyEtcd(node, "member list");
      const members = etcd.members();
      const legacyMembers = members.map(({ name }) => name);
      return { messages: [{ metadata: undefined, legacyMembers, members: members.map(memberMessage) }] };
    }),
    etcdStatus: rpc.unary(({ node }) => {
      const { etcd } = requireControlPlane(node, "etcd status");
      const own = etcd.member(node.name);
      if (!own?.running)
        throw new RpcError(
          status.UNAVAILABLE,
          `failed to query etcd status: rpc error: code = Unavailable desc = ${refused("127.0.0.1:2379")}`,
        );
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
      localEtcd(node, "etcd alarm list");
      return { messages: [{ metadata: undefined, memberAlarms: [] }] };
    }),
    etcdSnapshot: rpc.stream(async ({ node }, _request, out) => {
      localEtcd(node, "etcd snapshot");
      const snapshot = etcdSnapshot(etcdContents(node));
      for (let offset = 0; offset < snapshot.length; offset += 1024)
        await out.send({ metadata: undefined, bytes: snapshot.subarray(offset, offset + 1024) });
    }),
    etcdForfeitLeadership: rpc.unary(({ node }) => {
      const etcd = localEtcd(node, "etcd forfeit leadership");
      if (etcd.members().length === 1)
        throw new RpcError(status.UNKNOWN, "failed to forfeit leadership: cannot forfeit leadership, only one member");
      const next = etcd.forfeit(node.name);
      return { messages: [{ metadata: undefined, member: next?.name ?? "" }] };
    }),
  };
}
