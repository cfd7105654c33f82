import { status } from "@grpc/grpc-js";
import { ContainerdNamespace, type ContainerdInstance } from "@/lib/talos/gen/common/common";
import {
  ImageServicePullLayerProgress_Status as LayerState,
  type ImageServiceServer,
} from "@/lib/talos/gen/machine/image";
import { pull, PullFailed, type LayerStatus } from "../node/pull";
import { RpcError, type Rpc } from "./rpc";

const layerStates: Readonly<Record<LayerStatus, LayerState>> = {
  downloading: LayerState.DOWNLOADING,
  "download-complete": LayerState.DOWNLOAD_COMPLETE,
  extracting: LayerState.EXTRACTING,
  "extract-complete": LayerState.EXTRACT_COMPLETE,
  "already-exists": LayerState.ALREADY_EXISTS,
};

/** Where an image is kept: which containerd, which namespace. Throws for a namespace that is not given. */
export function storeName(instance: ContainerdInstance | undefined): string {
  if (!instance || instance.namespace === ContainerdNamespace.NS_UNKNOWN)
    throw new RpcError(status.INVALID_ARGUMENT, "unsupported containerd namespace");
  return `${instance.driver}/${instance.namespace}`;
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
          else {
            const seconds = Math.floor(event.elapsedMs / 1000);
            const progress = {
              status: layerStates[event.status],
              elapsed: { seconds: BigInt(seconds), nanos: Math.floor((event.elapsedMs - seconds * 1000) * 1e6) },
              offset: BigInt(event.offset),
              total: BigInt(event.total),
            };
            await out.send({ response: { $case: "pullProgress", value: { layerId: event.id, progress } } });
          }
        }
      } catch (error) {
        if (error instanceof PullFailed) throw new RpcError(status.NOT_FOUND, error.message);
        throw error;
      }
    }),
  };
}
