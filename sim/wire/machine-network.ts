import { status } from "@grpc/grpc-js";
import {
  ConnectRecord,
  ConnectRecord_State as State,
  NetstatRequest_Filter as Filter,
  type NetstatRequest,
} from "@/lib/talos/gen/machine/network";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import type { SimNode } from "../node/node";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<MachineServiceServer, "netstat" | "packetCapture">;

/** What listens on a node, by service. */
const ports: readonly { service: string; port: number; any: boolean }[] = [
  { service: "apid", port: 50_000, any: true },
  { service: "trustd", port: 50_001, any: true },
  { service: "etcd", port: 2379, any: true },
  { service: "etcd", port: 2380, any: true },
  { service: "kubelet", port: 10_250, any: true },
  { service: "kubelet", port: 10_248, any: false },
];

function connections(node: SimNode, { filter, feature, l4proto }: NetstatRequest): ConnectRecord[] {
  if (l4proto && !l4proto.tcp && !l4proto.tcp6) return [];
  const processOf = (name: string) => (feature?.pid ? { pid: 1200 + name.length * 37, name } : undefined);
  const listening = ports
    .filter(({ service }) => node.services.state(service) === "Running")
    .map(({ service, port, any }, index) =>
      ConnectRecord.fromPartial({
        l4proto: any ? "tcp6" : "tcp",
        localip: any ? "::" : "127.0.0.1",
        localport: port,
        remoteip: any ? "::" : "0.0.0.0",
        state: State.LISTEN,
        inode: BigInt(20_000 + index),
        process: processOf(service),
      }),
    );
  const peers = [...node.world.nodes.values()].filter(
    (peer) => peer !== node && peer.cluster !== null && peer.cluster === node.cluster && peer.controlPlane,
  );
  const connected = peers.map(({ address }, index) =>
    ConnectRecord.fromPartial({
      l4proto: "tcp",
      localip: node.address,
      localport: 40_000 + index,
      remoteip: address,
      remoteport: 6443,
      state: State.ESTABLISHED,
      inode: BigInt(30_000 + index),
      process: processOf("kubelet"),
    }),
  );
  const wanted =
    filter === Filter.LISTENING ? listening : filter === Filter.CONNECTED ? connected : [...listening, ...connected];
  return wanted.filter((record) => !l4proto || (record.l4proto === "tcp" ? l4proto.tcp : l4proto.tcp6));
}

const maxSnapBytes = 65_536;
const ethernet = 1;

/** The head of a capture (libpcap's classic format). */
function captureHeader(snapLength: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(0xa1b2c3d4, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(4, 6);
  bytes.writeUInt32LE(snapLength, 16);
  bytes.writeUInt32LE(ethernet, 20);
  return bytes;
}

/** One packet: an ARP request for the node's own address, which is all that the simulated network carries. */
function packet(node: SimNode, hardware: string): Buffer {
  const source = Buffer.from(hardware.replaceAll(":", ""), "hex");
  const address = Buffer.from(node.address.split(".").map(Number));
  const arp = Buffer.from("0001080006040001", "hex");
  const frame = Buffer.concat([
    Buffer.alloc(6, 0xff),
    source,
    Buffer.from("0806", "hex"),
    arp,
    source,
    address,
    Buffer.alloc(6),
    address,
  ]);
  const head = Buffer.alloc(16);
  const now = node.nowMs();
  head.writeUInt32LE(Math.floor(now / 1000), 0);
  head.writeUInt32LE((now % 1000) * 1000, 4);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  return Buffer.concat([head, frame]);
}

export function networkPart(rpc: Rpc): Part {
  return {
    netstat: rpc.unary(({ node }, request) => ({
      messages: [{ metadata: undefined, connectrecord: connections(node, request) }],
    })),
    packetCapture: rpc.stream(async ({ node }, request, out) => {
      const nic = node.machine.nics.find(({ name }) => name === request.interface);
      if (!nic) throw new RpcError(status.UNKNOWN, `failed to find interface "${request.interface}"`);
      await out.send({ metadata: undefined, bytes: captureHeader(request.snapLen || maxSnapBytes) });
      while (!out.signal.aborted) {
        await out.send({ metadata: undefined, bytes: packet(node, nic.mac) });
        await node.wait(1_000);
      }
    }),
  };
}
