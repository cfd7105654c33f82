import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { SimNode } from "../node/node";
import type { Buckets } from "./etcd-snapshot";

/** A key's revision as etcd stores it: `main_sub`. */
function revisionKey(main: number): Buffer {
  const bytes = Buffer.alloc(17);
  bytes.writeBigUInt64BE(BigInt(main), 0);
  bytes.write("_", 8);
  return bytes;
}

/** mvccpb.KeyValue. */
const keyValue = (key: string, value: string, revision: number): Buffer =>
  Buffer.from(
    new BinaryWriter()
      .uint32(10)
      .bytes(Buffer.from(key))
      .uint32(16)
      .int64(revision)
      .uint32(24)
      .int64(revision)
      .uint32(32)
      .int64(1)
      .uint32(42)
      .bytes(Buffer.from(value))
      .finish(),
  );

const bigEndian = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};

/** What the simulated cluster has to say in a snapshot: its members, and a key for each node. */
export function etcdContents({ cluster, world }: SimNode): Buckets {
  const members = cluster?.etcd.members() ?? [];
  const { term, index } = cluster?.etcd.raft ?? { term: 0n, index: 0n };
  const nodes = [...world.nodes.values()].filter((node) => node.cluster === cluster).map(({ hostname }) => hostname);
  const keys = nodes
    .sort()
    .map((name, at): [Buffer, Buffer] => [
      revisionKey(at + 2),
      keyValue(
        `/registry/minions/${name}`,
        JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name } }),
        at + 2,
      ),
    ]);
  return {
    alarm: new Map(),
    auth: new Map(),
    authRoles: new Map(),
    authUsers: new Map(),
    cluster: new Map([[Buffer.from("clusterVersion"), Buffer.from("3.6.0")]]),
    key: new Map(keys),
    lease: new Map(),
    members: new Map(
      members.map(({ id, name, address }) => [
        Buffer.from(id.toString(16)),
        Buffer.from(
          JSON.stringify({
            id: Number(id % 1_000_000n),
            peerURLs: [`https://${address}:2380`],
            name,
            clientURLs: [`https://${address}:2379`],
          }),
        ),
      ]),
    ),
    members_removed: new Map(),
    meta: new Map([
      [Buffer.from("consistent_index"), bigEndian(index)],
      [Buffer.from("storageVersion"), Buffer.from("3.6.0")],
      [Buffer.from("term"), bigEndian(term)],
    ]),
  };
}
