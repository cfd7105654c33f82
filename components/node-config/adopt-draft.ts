import type { InputOf } from "@/lib/api/operations";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { formatBytes } from "@/lib/core/units";
import { patchesOf } from "./patch-field";

export type Adoption = InputOf<"machine.preview-adoption">;
export type AdoptDraft = {
  clusterId: string;
  role: Adoption["role"] | null;
  hostname: string;
  installDisk: string;
  profileId: string;
  patch: string;
};

/** Disks that Talos can be installed to: what is no medium, no memory and no loop. */
export const installDisks = ({ hardware }: NodeView) =>
  (hardware?.disks ?? []).filter(
    ({ devPath, sizeBytes }) => sizeBytes > 0 && !/^\/dev\/(?:loop|sr|zram|ram)/.test(devPath),
  );

/** In a container Talos runs without being installed. */
export const needsDisk = ({ platform }: Pick<NodeView, "platform">): boolean => platform !== "container";

/** `/dev/nvme0n1 · 1.8 TiB · Samsung 990` */
export const diskLabel = (disk: ReturnType<typeof installDisks>[number]): string =>
  [disk.devPath, formatBytes(disk.sizeBytes), disk.model || disk.transport].filter(Boolean).join(" · ");

/** Clusters whose secrets are held: only for those can a config be made. */
export const openClusters = (clusters: readonly ClusterView[]) => clusters.filter(({ secrets }) => secrets !== "none");

/** The first machine of a cluster has to be a control plane. */
export const roleFor = (draft: AdoptDraft, cluster: ClusterView | null): Adoption["role"] =>
  draft.role ?? (cluster?.controlPlanes === 0 ? "controlplane" : "worker");

/** What to send; the sentence that says what is missing where something is. */
export function adoptionOf(
  node: NodeView,
  draft: AdoptDraft,
  cluster: ClusterView | null,
): { ok: true; adoption: Adoption } | { ok: false; missing: string } {
  if (!cluster) return { ok: false, missing: "Choose a cluster." };
  if (draft.hostname.trim() === "") return { ok: false, missing: "Give the machine a hostname." };
  if (needsDisk(node) && draft.installDisk === "") return { ok: false, missing: "Choose the disk to install to." };
  return {
    ok: true,
    adoption: {
      nodeId: node.id,
      clusterId: cluster.id,
      role: roleFor(draft, cluster),
      hostname: draft.hostname.trim(),
      ...(needsDisk(node) && { installDisk: draft.installDisk }),
      patches: patchesOf(draft.patch),
    },
  };
}
