import { status } from "@grpc/grpc-js";
import { ContainerdNamespace, ContainerDriver, type ContainerdInstance } from "@/lib/talos/gen/common/common";
import {
  ImageServicePullLayerProgress_Status as LayerState,
  type ImageServicePullResponse,
  type ImageServiceServer,
} from "@/lib/talos/gen/machine/image";
import { pull, PullFailed, type LayerEvent, type LayerStatus } from "../node/pull";
import { RpcError, type Rpc } from "./rpc";

const layerStates: Readonly<Record<LayerStatus, LayerState>> = {
  downloading: LayerState.DOWNLOADING,
  "download-complete": LayerState.DOWNLOAD_COMPLETE,
  extracting: LayerState.EXTRACTING,
  "extract-complete": LayerState.EXTRACT_COMPLETE,
  "already-exists": LayerState.ALREADY_EXISTS,
};

/** Where an image is kept: which containerd, which namespace. Throws for what does not exist. */
export function storeName(instance: ContainerdInstance | undefined): string {
  const driver = instance?.driver ?? ContainerDriver.CONTAINERD;
  const namespace = instance?.namespace ?? ContainerdNamespace.NS_UNKNOWN;
  const invalid = (why: string) => new RpcError(status.INVALID_ARGUMENT, why);
  if (![ContainerDriver.CONTAINERD, ContainerDriver.CRI].includes(driver))
    throw invalid(`invalid containerd driver ${driver}`);
  if (![ContainerdNamespace.NS_SYSTEM, ContainerdNamespace.NS_CRI].includes(namespace))
    throw invalid(`invalid containerd namespace ${ContainerdNamespace[namespace] ?? namespace}`);
  if (driver === ContainerDriver.CONTAINERD && namespace === ContainerdNamespace.NS_CRI)
    throw invalid("cannot use CRI namespace with containerd driver");
  return `${driver}/${namespace}`;
}

/** A layer as the node tells of it: how far while it is downloaded, how long while it is extracted, else only its state. */
function layerMessage({ id, status: state, elapsedMs, offset, total }: LayerEvent): ImageServicePullResponse {
  const seconds = Math.floor(elapsedMs / 1000);
  const elapsed =
    state === "extracting"
      ? { seconds: BigInt(seconds), nanos: Math.floor((elapsedMs - seconds * 1000) * 1e6) }
      : { seconds: 0n, nanos: 0 };
  const sizes = state === "downloading" ? { offset: BigInt(offset), total: BigInt(total) } : { offset: 0n, total: 0n };
  return {
    response: {
      $case: "pullProgress",
      value: { layerId: id, progress: { status: layerStates[state], elapsed, ...sizes } },
    },
  };
}

export function imageService(rpc: Rpc): ImageServiceServer {
  return {
    list: rpc.stream(async ({ node }, request, out) => {
      for (const image of node.images.list(storeName(request.containerd))) {
        await out.send({
          name: image.name,
          digest: image.digest,
          size: BigInt(image.sizeBytes),
          createdAt: new Date(image.createdMs),
          labels: {},
        });
      }
    }),
    pull: rpc.stream(async ({ node }, request, out) => {
      try {
        for await (const event of pull(node, storeName(request.containerd), request.imageRef)) {
          if (out.signal.aborted) return;
          if (event.kind === "pulled") await out.send({ response: { $case: "name", value: event.name } });
          else await out.send(layerMessage(event));
        }
      } catch (error) {
        if (error instanceof PullFailed)
          throw error.absent
            ? new RpcError(status.NOT_FOUND, `error pulling image: ${error.message}`)
            : new RpcError(status.UNKNOWN, error.message);
        throw error;
      }
    }),
  };
}
