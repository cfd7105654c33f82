import type { InputOf } from "@/lib/api/operations";
import { type VersionContract, versionContracts } from "@/lib/machine-config/schema";

export type CreateDraft = {
  name: string;
  endpoint: string;
  kubernetesVersion: string;
  contract: VersionContract;
  plugin: "flannel" | "none";
  schedulable: boolean;
  kubespan: boolean;
  dnsDomain: string;
  podSubnets: string;
  serviceSubnets: string;
};

export const emptyDraft: CreateDraft = {
  name: "",
  endpoint: "",
  kubernetesVersion: "",
  contract: "1.14",
  plugin: "flannel",
  schedulable: false,
  kubespan: false,
  dnsDomain: "cluster.local",
  podSubnets: "10.244.0.0/16",
  serviceSubnets: "10.96.0.0/12",
};

const contractLabels: Record<VersionContract, string> = {
  "1.11": "1.8 to 1.11",
  "1.12": "1.12",
  "1.13": "1.13",
  "1.14": "1.14 and newer",
};
export const contractOptions = versionContracts.map((value) => ({ value, label: contractLabels[value] })).reverse();

const listOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** What the operation takes. */
export const createInputOf = (draft: CreateDraft): InputOf<"cluster.create"> => ({
  contract: draft.contract,
  cluster: {
    name: draft.name.trim(),
    endpoint: draft.endpoint.trim(),
    kubernetesVersion: draft.kubernetesVersion.trim(),
    cni: { kind: draft.plugin },
    allowSchedulingOnControlPlanes: draft.schedulable,
    kubespan: draft.kubespan,
    dnsDomain: draft.dnsDomain.trim(),
    podSubnets: listOf(draft.podSubnets),
    serviceSubnets: listOf(draft.serviceSubnets),
  },
});
