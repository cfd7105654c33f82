import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { openTalosClient, type TalosClient } from "@/lib/talos/client";
import type { TalosCredentials } from "@/lib/talos/credentials";
import type { NodeRates } from "@/lib/talos/limits/connection-limits";
import { StateService, type StateServer } from "@/lib/talos/gen/cosi/resource/state";
import { ImageServiceService, type ImageServiceServer } from "@/lib/talos/gen/machine/image";
import { LifecycleServiceService, type LifecycleServiceServer } from "@/lib/talos/gen/machine/lifecycle";
import { MachineServiceService, type MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { toNodeKeyPem } from "@/lib/talos/pem";
import {
  credentialsOf,
  mintAuthority,
  mintClient,
  mintServer,
  type Authority,
  type Identity,
} from "@/lib/talos/testing/pki";

/** What the node answers; a method that is left out is Unimplemented, as on a release that does not have it. */
export type Handlers = {
  machine?: Partial<MachineServiceServer>;
  state?: Partial<StateServer>;
  image?: Partial<ImageServiceServer>;
  lifecycle?: Partial<LifecycleServiceServer>;
};

export type TestNode = {
  address: string;
  port: number;
  /** Cuts every connection, as a reboot does. */
  kill(): void;
};

const maxMessageBytes = 32 * 1024 * 1024;

/** A real gRPC server with real TLS on loopback. With an authority it demands client certificates of that CA. */
export async function startNode({
  handlers,
  server: { certPem, keyPem },
  authority,
  port = 0,
}: {
  handlers: Handlers;
  server: Identity;
  authority?: Authority;
  port?: number;
}): Promise<TestNode> {
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc-node.flow_control_window": 1024 * 1024,
  });
  const add = (service: ServiceDefinition, implementation: object | undefined) => {
    if (implementation) server.addService(service, implementation as UntypedServiceImplementation);
  };
  add(MachineServiceService, handlers.machine);
  add(StateService, handlers.state);
  add(ImageServiceService, handlers.image);
  add(LifecycleServiceService, handlers.lifecycle);
  const credentials = ServerCredentials.createSsl(
    authority ? Buffer.from(authority.pem) : null,
    [{ private_key: Buffer.from(toNodeKeyPem(keyPem)), cert_chain: Buffer.from(certPem) }],
    authority !== undefined,
  );
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, actual) => (error ? reject(error) : resolve(actual))),
  );
  return { address: `127.0.0.1:${bound}`, port: bound, kill: () => server.forceShutdown() };
}

/** A cluster of one: CA, node with these handlers, and a client for it. `stop` ends both. */
export async function startPair(
  handlers: Handlers,
  { viaNode, address, rates }: { viaNode?: string; address?: (real: TestNode) => string; rates?: NodeRates } = {},
): Promise<{
  node: TestNode;
  client: TalosClient;
  credentials: TalosCredentials;
  server: Identity;
  authority: Authority;
  stop: () => void;
}> {
  const authority = await mintAuthority();
  const [server, admin] = await Promise.all([mintServer(authority), mintClient(authority, { roles: ["os:admin"] })]);
  const node = await startNode({ handlers, server, authority });
  const credentials = credentialsOf(authority, admin);
  const client = openTalosClient({
    address: address ? address(node) : node.address,
    credentials,
    ...(viaNode === undefined ? {} : { viaNode }),
    ...(rates && { rates }),
  });
  const stop = () => {
    client.close();
    node.kill();
  };
  return { node, client, credentials, server, authority, stop };
}
