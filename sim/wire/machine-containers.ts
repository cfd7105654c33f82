import { status } from "@grpc/grpc-js";
import { ContainerdNamespace, ContainerDriver } from "@/lib/talos/gen/common/common";
import type { ContainerInfo } from "@/lib/talos/gen/machine/containers";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { workSeconds } from "../node/load";
import type { SimNode } from "../node/node";
import { pull, PullFailed } from "../node/pull";
import { seededHex } from "../random";
import { storeName } from "./image-service";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<MachineServiceServer, "containers" | "stats" | "imageList" | "imagePull">;

/** Services of Talos that run in containers of its own containerd. */
const contained = (id: string): boolean => ["apid", "trustd"].includes(id) || id.startsWith("ext-");
const inCri = (id: string): boolean => ["etcd", "kubelet"].includes(id);

/** The containers of a namespace: Talos' own services, and in `k8s.io` the pods of the node. */
export function containersOf(node: SimNode, namespace: string, driver: ContainerDriver): ContainerInfo[] {
  const running = node.services.ids().filter((id) => node.services.state(id) === "Running");
  const container = (id: string, more: Partial<ContainerInfo>): ContainerInfo => ({
    namespace,
    id,
    image: "",
    pid: 1200 + id.length * 37,
    status: "RUNNING",
    podId: id,
    name: id,
    networkNamespace: "",
    internalId: id,
    uid: "",
    ...more,
  });
  if (namespace === "system")
    return running
      .filter((id) => (driver === ContainerDriver.CRI ? inCri(id) : contained(id)))
      .map((id) => container(id, {}));
  return node.world.podsOf(node).map(({ namespace: space, name, image, uid }) => {
    const internalId = seededHex(`container/${uid}`, 64);
    const podId = `${space}/${name}`;
    const [first = name] = name.split("-");
    return container(`${podId}:${first}:${internalId.slice(0, 12)}`, {
      image,
      podId,
      name: first,
      internalId,
      uid,
      status: "CONTAINER_RUNNING",
    });
  });
}

/** The older calls name a namespace of containerd alone. */
const storeOf = (namespace: ContainerdNamespace): string =>
  storeName({
    driver: namespace === ContainerdNamespace.NS_CRI ? ContainerDriver.CRI : ContainerDriver.CONTAINERD,
    namespace,
  });

export function containersPart(rpc: Rpc): Part {
  return {
    containers: rpc.unary(({ node }, { namespace, driver }) => ({
      messages: [{ metadata: undefined, containers: containersOf(node, namespace, driver) }],
    })),
    stats: rpc.unary(({ node }, { namespace, driver }) => {
      const work = workSeconds(node);
      const stats = containersOf(node, namespace, driver).map(({ id, podId, name }) => ({
        namespace,
        id,
        podId,
        name,
        memoryUsage: BigInt(18_000_000 + name.length * 1_750_000),
        cpuUsage: BigInt(Math.round(work * 40_000_000)),
      }));
      return { messages: [{ metadata: undefined, stats }] };
    }),
    imageList: rpc.stream(async ({ node }, { namespace }, out) => {
      for (const { name, digest, sizeBytes, createdMs } of node.images.list(storeOf(namespace)))
        await out.send({
          metadata: undefined,
          name,
          digest,
          size: BigInt(sizeBytes),
          createdAt: new Date(createdMs),
        });
    }),
    imagePull: rpc.unary(async ({ node }, { namespace, reference }) => {
      try {
        for await (const event of pull(node, storeOf(namespace), reference))
          if (event.kind === "pulled") node.kmsg(`[talos] image ${event.name} pulled`, "user", "warning");
      } catch (error) {
        if (error instanceof PullFailed) throw new RpcError(status.UNKNOWN, error.message);
        throw error;
      }
      return { messages: [{ metadata: undefined }] };
    }),
  };
}
