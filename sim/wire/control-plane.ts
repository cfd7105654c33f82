import { status } from "@grpc/grpc-js";
import type { SimCluster } from "../cluster/cluster";
import type { SimNode } from "../node/node";
import { RpcError } from "./rpc";

/** The cluster of a control plane; every other node does not have the call (machinehelper.go CheckControlplane). */
export function requireControlPlane(node: SimNode, api: string): SimCluster {
  if (node.controlPlane && node.cluster) return node.cluster;
  throw new RpcError(
    status.UNIMPLEMENTED,
    node.maintenance
      ? `machine type is not set, cannot use ${api} API`
      : `${api} is only available on control plane nodes`,
  );
}
