import type { GpuProof, GpuVendor } from "@/lib/gpu/schema";
import type { NodeView } from "@/lib/inventory/schema";

export type GpuGroup = { model: string; vendor: GpuVendor; count: number };

/** A node's GPUs as model × count, in the order of the bus. */
export function gpuGroups(gpus: NodeView["gpus"]): GpuGroup[] {
  const groups = new Map<string, GpuGroup>();
  for (const { model, vendor } of gpus) {
    const group = groups.get(model);
    if (group) group.count += 1;
    else groups.set(model, { model, vendor, count: 1 });
  }
  return [...groups.values()];
}

const severity: Record<GpuProof["state"], number> = { broken: 0, "no-profile": 1, unproven: 2, working: 3 };

/** The proof that says most about a node: the worst of its GPUs. Null without GPUs. */
export const worstProof = (proofs: readonly GpuProof[]): GpuProof | null =>
  proofs.reduce<GpuProof | null>(
    (worst, proof) => (worst === null || severity[proof.state] < severity[worst.state] ? proof : worst),
    null,
  );

/** How each GPU of a node is, in the order of the bus; one whose chain was not read yet is not proven. */
export const gpuStates = ({ gpus, proofs }: Pick<NodeView, "gpus" | "proofs">): GpuProof["state"][] =>
  gpus.map(({ pciAddress }) => proofs.find((proof) => proof.pciAddress === pciAddress)?.state ?? "unproven");

/** Whether the remedy of a node's GPUs is a profile; one that works without a recorded one needs none. */
export const needsProfile = ({ proofs }: Pick<NodeView, "proofs">): boolean =>
  proofs.some(({ remedy }) => remedy?.action.kind === "assign-profile");

export const proofStateWords: Record<GpuProof["state"], string> = {
  working: "working",
  broken: "not working",
  unproven: "not proven yet",
  "no-profile": "no profile",
};

/** `v1.14.0` as people read it. */
export const versionText = (version: string | null): string | null => version?.replace(/^v/, "") ?? null;

/** `10.4.0.21:50000` without the port that every node has. */
export const hostOf = (address: string): string => address.replace(/:50000$/, "").replace(/^\[(.*)\]$/, "$1");

export const roleWords: Record<NodeView["role"], string> = {
  controlplane: "control plane",
  worker: "worker",
  unknown: "no role yet",
};
