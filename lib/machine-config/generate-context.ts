import type { ClusterOptions, MachineRole, NodeOptions, VersionContract } from "@/lib/machine-config/schema";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";

/** What every part of the generator sees. */
export type GenerateContext = {
  bundle: SecretsBundle;
  cluster: ClusterOptions;
  role: MachineRole;
  node: NodeOptions;
  /** Is the contract this one or a later one? */
  from: (contract: VersionContract) => boolean;
};

export const isControlPlane = ({ role }: GenerateContext): boolean => role === "controlplane";
