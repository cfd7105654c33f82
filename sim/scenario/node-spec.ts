import type { GpuModelId } from "../hardware/pci";

/** What an operator would have set up: the machine and what is installed on it. */
export type NodeSpec = {
  name: string;
  /** Which cluster it belongs to; null = a machine in maintenance mode. */
  cluster: string | null;
  role: "controlplane" | "worker";
  /** Last two numbers of its loopback address (`1.11` → `127.4.1.11`). */
  host: string;
  /** `v1.14.0` */
  release: string;
  board: "amd" | "intel";
  manufacturer: string;
  productName: string;
  processor: { name: string; manufacturer: string; cores: number; threads: number; sockets: number };
  memoryGiB: number;
  diskGiB: number;
  gpus: readonly GpuModelId[];
  /** A baseboard controller with its own VGA device. */
  bmc?: boolean;
  /** Official extensions of the schematic that it boots, with their `siderolabs/`. */
  extensions: readonly string[];
  kernelArgs?: readonly string[];
  /** `machine.kernel.modules` of its config. */
  modules?: readonly string[];
  /** Extensions of the schematic that its config's install image names, where that differs from what it boots. */
  installExtensions?: readonly string[];
  /** GPU resource that its device plugin announces, if one is installed in the cluster. */
  devicePlugin?: boolean;
};
