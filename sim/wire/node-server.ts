import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ClusterServiceService } from "@/lib/talos/gen/cluster/cluster";
import { InspectServiceService } from "@/lib/talos/gen/inspect/inspect";
import { StorageServiceService } from "@/lib/talos/gen/storage/storage";
import { TimeServiceService } from "@/lib/talos/gen/time/time";
import { StateService } from "@/lib/talos/gen/cosi/resource/state";
import { ImageServiceService } from "@/lib/talos/gen/machine/image";
import { LifecycleServiceService } from "@/lib/talos/gen/machine/lifecycle";
import { MachineServiceService } from "@/lib/talos/gen/machine/machine";
import type { SimNode } from "../node/node";
import type { World } from "../world";
import { authorizer } from "./authorize";
import { stateService } from "./cosi-service";
import { imageService } from "./image-service";
import { lifecycleService } from "./lifecycle-service";
import { NodeListener } from "./listener";
import { clusterService } from "./cluster-service";
import { clusterPart } from "./machine-cluster";
import { containersPart } from "./machine-containers";
import { controlPart } from "./machine-control";
import { filesPart } from "./machine-files";
import { infoPart } from "./machine-info";
import { metaPart } from "./machine-meta";
import { networkPart } from "./machine-network";
import { statsPart } from "./machine-stats";
import { streamsPart } from "./machine-streams";
import { PeerTable } from "./peer";
import { rpcFor } from "./rpc";
import { inspectService, storageService, timeService } from "./small-services";

const maxMessageBytes = 32 * 1024 * 1024;

/** One gRPC server behind every node's own TLS port: a call finds its node by the connection it came on. */
export class NodeServer {
  private readonly peers = new PeerTable();
  private readonly listeners = new Map<string, NodeListener>();
  private readonly server: Server;
  private readonly injector: ReturnType<Server["createConnectionInjector"]>;

  constructor(
    world: World,
    private readonly port: number,
  ) {
    const rpc = rpcFor(world);
    this.server = new Server({
      interceptors: [authorizer(world, this.peers)],
      "grpc.max_receive_message_length": maxMessageBytes,
      "grpc.max_send_message_length": maxMessageBytes,
      "grpc.enable_channelz": 0,
    });
    this.server.addService(MachineServiceService, {
      ...infoPart(rpc),
      ...streamsPart(rpc),
      ...statsPart(rpc),
      ...filesPart(rpc),
      ...controlPart(rpc),
      ...clusterPart(rpc),
      ...containersPart(rpc),
      ...networkPart(rpc),
      ...metaPart(rpc),
    });
    this.server.addService(StateService, stateService(rpc));
    this.server.addService(ImageServiceService, imageService(rpc));
    this.server.addService(LifecycleServiceService, lifecycleService(rpc));
    this.server.addService(ClusterServiceService, clusterService(rpc));
    this.server.addService(InspectServiceService, inspectService(rpc));
    this.server.addService(StorageServiceService, storageService(rpc));
    this.server.addService(TimeServiceService, timeService(rpc));
    this.injector = this.server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  add(node: SimNode): NodeListener {
    const listener = new NodeListener({
      node,
      port: this.port,
      peers: this.peers,
      accept: (socket) => this.injector.injectConnection(socket),
    });
    this.listeners.set(node.name, listener);
    return listener;
  }

  listener(name: string): NodeListener | undefined {
    return this.listeners.get(name);
  }

  /** Makes the certificates of all nodes that are up. */
  async prepare(): Promise<void> {
    for (const listener of this.listeners.values()) await listener.prepare();
  }

  stop(): void {
    for (const listener of this.listeners.values()) listener.follow("off");
    this.injector.destroy();
    this.server.forceShutdown();
  }

  /** Resolves when every port is open or closed as it should be. */
  async settled(): Promise<void> {
    await Promise.all([...this.listeners.values()].map((listener) => listener.settled()));
  }
}
