import type { Channel } from "@/lib/talos/channel";
import { ContainerDriver, ContainerdNamespace, type ContainerdInstance } from "@/lib/talos/gen/common/common";
import {
  ImageServicePullLayerProgress_Status as Status,
  ImageServiceService as images,
} from "@/lib/talos/gen/machine/image";
import { TalosError } from "@/lib/talos/errors";
import { goTimeMs } from "@/lib/talos/go-time";
import { safeNumber } from "@/lib/talos/numbers";
import { serverStream, type StreamOptions } from "@/lib/talos/stream";
import { cleanText } from "@/lib/talos/text";

/**
 * Which containerd holds the image, by talosctl's names (`cmd/talosctl/cmd/talos/image.go`): `system` is on disk, `inmem` in memory, `cri`
 * is Kubernetes'. Pull and upgrade have to name the same one.
 */
export const imageInstances = ["system", "inmem", "cri"] as const;
export type ImageInstance = (typeof imageInstances)[number];

export const wireInstance: Record<ImageInstance, ContainerdInstance> = {
  system: { driver: ContainerDriver.CRI, namespace: ContainerdNamespace.NS_SYSTEM },
  inmem: { driver: ContainerDriver.CONTAINERD, namespace: ContainerdNamespace.NS_SYSTEM },
  cri: { driver: ContainerDriver.CRI, namespace: ContainerdNamespace.NS_CRI },
};

export type LayerStatus =
  "downloading" | "download-complete" | "extracting" | "extract-complete" | "already-exists" | "unknown";

export type PullProgress =
  | { kind: "layer"; id: string; status: LayerStatus; offsetBytes: number; totalBytes: number }
  /** The resolved, pinned name: what `upgradeLifecycle` wants. Comes last. */
  | { kind: "pulled"; name: string };

export type ImageFacts = { name: string; digest: string; sizeBytes: number; createdMs: number | null };

const statuses: Record<Status, LayerStatus> = {
  [Status.DOWNLOADING]: "downloading",
  [Status.DOWNLOAD_COMPLETE]: "download-complete",
  [Status.EXTRACTING]: "extracting",
  [Status.EXTRACT_COMPLETE]: "extract-complete",
  [Status.ALREADY_EXISTS]: "already-exists",
  [Status.UNRECOGNIZED]: "unknown",
};
const short = (text: string) => cleanText(text, { max: 512 });

/** ImageService, since Talos 1.13 ("unimplemented" before). Pull needs `os:operator`, list `os:reader`. */
export const imageCalls = (channel: Channel) => ({
  /** Pulls an image; ends after `pulled`. An end without it throws "rolled-stream". A stall is the caller's to judge (`inactivityMs`). */
  pullImage(
    reference: string,
    instance: ImageInstance = "system",
    options?: StreamOptions,
  ): AsyncIterable<PullProgress> {
    let pulled = false;
    return serverStream(
      channel,
      {
        method: images.pull,
        request: { containerd: wireInstance[instance], imageRef: reference },
        decode({ response }): PullProgress[] {
          if (response?.$case === "name") {
            pulled = true;
            return [{ kind: "pulled", name: short(response.value) }];
          }
          const layer = response?.value;
          if (!layer?.progress) return [];
          const { status, offset, total } = layer.progress;
          return [
            {
              kind: "layer",
              id: short(layer.layerId),
              status: statuses[status] ?? "unknown",
              offsetBytes: safeNumber(offset),
              totalBytes: safeNumber(total),
            },
          ];
        },
        finish() {
          if (pulled) return [];
          const facts = { kind: "rolled-stream", method: images.pull.path, address: channel.address.text } as const;
          throw new TalosError(
            `${facts.address} ended the pull of ${short(reference)} without saying that it is complete.`,
            facts,
          );
        },
      },
      options,
    );
  },

  /** Images that the node holds. */
  imageList(instance: ImageInstance = "system", options?: StreamOptions): AsyncIterable<ImageFacts> {
    return serverStream(
      channel,
      {
        method: images.list,
        request: { containerd: wireInstance[instance] },
        decode: ({ name, digest, size, createdAt }): ImageFacts[] => [
          {
            name: short(name),
            digest: short(digest),
            sizeBytes: safeNumber(size),
            createdMs: goTimeMs(createdAt),
          },
        ],
      },
      { deadlineMs: 30_000, ...options },
    );
  },
});
