import { status } from "@grpc/grpc-js";
import { DependencyEdgeType, type InspectServiceServer } from "@/lib/talos/gen/inspect/inspect";
import { Disk_DiskType as DiskType, type StorageServiceServer } from "@/lib/talos/gen/storage/storage";
import type { TimeResponse, TimeServiceServer } from "@/lib/talos/gen/time/time";
import type { SimNode } from "../node/node";
import { kinds, resourceKind } from "../resources/catalogue";
import { RpcError, type Rpc } from "./rpc";

/** storage.StorageService: the disks, in the older form that talosctl asks a machine in maintenance mode for. */
export function storageService(rpc: Rpc): StorageServiceServer {
  return {
    disks: rpc.unary(({ node }) => {
      const { disk } = node.machine;
      const nvme = {
        size: BigInt(disk.sizeBytes),
        model: disk.model,
        deviceName: disk.devPath,
        name: "",
        serial: disk.serial,
        modalias: "",
        uuid: "",
        wwid: disk.wwid,
        type: DiskType.NVME,
        busPath: "/pci0000:00/0000:00:01.1/0000:05:00.0/nvme",
        systemDisk: node.installed,
        subsystem: "/sys/class/block",
        readonly: false,
      };
      return { messages: [{ metadata: undefined, disks: [nvme] }] };
    }),
  };
}

const defaultServer = "time.cloudflare.com";

/** The fleet's time is that of its host, whatever server is asked; a node whose clock is wrong shows it. */
function clocks(node: SimNode, server: string): TimeResponse {
  const localtime = new Date(node.nowMs());
  return { messages: [{ metadata: undefined, server, localtime, remotetime: new Date(node.world.clock.nowMs()) }] };
}

export function timeService(rpc: Rpc): TimeServiceServer {
  return {
    time: rpc.unary(({ node }) => clocks(node, defaultServer)),
    timeCheck: rpc.unary(({ node }, { server }) => {
      if (server === "") throw new RpcError(status.UNKNOWN, "server is required");
      return clocks(node, server);
    }),
  };
}

/** inspect.InspectService: who writes what. What controllers read is not modelled. */
export function inspectService(rpc: Rpc): InspectServiceServer {
  return {
    controllerRuntimeDependencies: rpc.unary(({ node }) => {
      const edges = kinds
        .filter(({ owner, type }) => owner !== "" && owner !== "meta" && resourceKind(type, node.running.release))
        .map(({ owner, type }) => ({
          controllerName: owner,
          edgeType: DependencyEdgeType.OUTPUT_EXCLUSIVE,
          resourceNamespace: "",
          resourceType: type,
          resourceId: "",
        }));
      return { messages: [{ metadata: undefined, edges }] };
    }),
  };
}
