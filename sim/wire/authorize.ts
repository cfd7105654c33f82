import { ServerInterceptingCall, status, type Metadata, type ServerInterceptor } from "@grpc/grpc-js";
import { atLeast } from "../factory/releases";
import { hasLifecycleApi } from "../node/pull";
import { smallMaintenanceApi } from "../node/boot";
import type { SimNode } from "../node/node";
import type { World } from "../world";
import { PeerTable, type Peer } from "./peer";
import { mayCall, mutates } from "./roles";
import { RpcError, writeCaller } from "./rpc";

const oneToManyServices = [
  "/machine.MachineService/",
  "/cluster.ClusterService/",
  "/inspect.InspectService/",
  "/storage.StorageService/",
  "/time.TimeService/",
];
const smallMaintenanceCalls = new Set([
  "/machine.MachineService/ApplyConfiguration",
  "/storage.StorageService/Disks",
  "/cosi.resource.State/Get",
  "/cosi.resource.State/List",
  "/cosi.resource.State/Watch",
]);

const noManyProxying = (release: string, path: string): string =>
  atLeast(release, "1.13.0") || !path.startsWith("/cosi.")
    ? `one-2-many proxying is not supported for method ${path}`
    : "one-2-many proxying is not supported for COSI methods";

/** The node that a caller names; null where it names none. */
function wantedNode({ node }: Peer, path: string, metadata: Metadata): string | null {
  // A key that comes twice has its values in one line here.
  const valuesOf = (key: string) => metadata.get(key).flatMap((value) => String(value).split(/,\s*/));
  const single = valuesOf("node");
  if (single.length > 1) throw new RpcError(status.INVALID_ARGUMENT, "node metadata must be single-valued");
  const nodes = valuesOf("nodes");
  if (nodes.length > 0) {
    if (!oneToManyServices.some((service) => path.startsWith(service)))
      throw new RpcError(status.INVALID_ARGUMENT, noManyProxying(node.running.release, path));
    if (nodes.length > 1) throw new RpcError(status.UNIMPLEMENTED, "the simulated fleet does not proxy to many nodes");
  }
  return nodes[0] ?? single[0] ?? null;
}

/** The node that answers: the one connected to, or the one it forwards to (apid's director.go). */
function route(world: World, peer: Peer, path: string, metadata: Metadata): SimNode {
  const { node } = peer;
  // In maintenance mode a node answers itself, whoever is asked for.
  if (node.maintenance) return node;
  const wanted = wantedNode(peer, path, metadata);
  if (wanted === null || wanted === node.address || wanted === node.hostname) return node;
  if (!node.controlPlane) throw new RpcError(status.PERMISSION_DENIED, "no request forwarding");
  const target = [...world.nodes.values()].find((other) => other.address === wanted || other.hostname === wanted);
  if (!target || target.power !== "up" || target.cluster !== node.cluster || target.faults.has("unreachable")) {
    throw new RpcError(
      status.UNAVAILABLE,
      `connection error: desc = "transport: Error while dialing: dial tcp ${wanted}:50000: connect: connection refused"`,
    );
  }
  refuseOtherTime(node, target);
  return target;
}

/** What two nodes' clocks may differ by: certificates count whole seconds. */
const clocksMayDifferMs = 1_000;

/** Nodes verify each other's certificates, which are dated by the clock of who made them and never back-dated, when they forward, too. */
function refuseOtherTime(from: SimNode, to: SimNode): void {
  if (Math.abs(from.nowMs() - to.nowMs()) <= clocksMayDifferMs) return;
  throw new RpcError(
    status.UNAVAILABLE,
    'connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate has expired or is not yet valid"',
  );
}

function authorize(node: SimNode, path: string, roles: readonly string[]): void {
  if (smallMaintenanceApi(node) && !smallMaintenanceCalls.has(path))
    throw new RpcError(status.UNIMPLEMENTED, "API is not implemented in maintenance mode");
  const lifecycle = path.startsWith("/machine.ImageService/") || path.startsWith("/machine.LifecycleService/");
  if (lifecycle && !hasLifecycleApi(node.running.release))
    throw new RpcError(status.UNIMPLEMENTED, `unknown service ${path.split("/")[1]}`);
  if (!mayCall(path, roles)) throw new RpcError(status.PERMISSION_DENIED, "not authorized");
}

/** Finds the caller and its roles, routes by metadata, refuses what the roles do not allow, and keeps the log of mutating calls. */
export function authorizer(world: World, peers: PeerTable): ServerInterceptor {
  return (method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            try {
              const peer = peers.get(PeerTable.key(call.getConnectionInfo()));
              if (!peer) throw new RpcError(status.UNAUTHENTICATED, "the connection is not known");
              const node = route(world, peer, method.path, metadata);
              const entry = {
                atMs: world.clock.nowMs(),
                node: node.name,
                method: method.path,
                role: peer.roles.join(","),
                commonName: peer.commonName,
                ok: true,
              };
              if (mutates(method.path)) world.rpcLog.push(entry);
              const methods = world.methodsByRole.get(entry.role) ?? new Set();
              world.methodsByRole.set(entry.role, methods.add(method.path));
              try {
                authorize(node, method.path, peer.roles);
              } catch (error) {
                entry.ok = false;
                throw error;
              }
              writeCaller(metadata, node, peer.roles);
              proceed(metadata);
            } catch (error) {
              if (!(error instanceof RpcError)) throw error;
              call.sendStatus({ code: error.code, details: error.details });
            }
          },
        }),
    });
}
