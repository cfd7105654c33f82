import { status } from "@grpc/grpc-js";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { setService, startService } from "../node/services";
import type { SimNode } from "../node/node";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<
  MachineServiceServer,
  "version" | "serviceList" | "serviceStart" | "serviceStop" | "serviceRestart" | "logsContainers" | "mounts"
>;

const shas: Readonly<Record<string, string>> = { "v1.12.11": "a41f2c77", "v1.13.9": "5d0e91b2", "v1.14.0": "c3b7f08e" };

function known(node: SimNode, id: string): void {
  if (!node.services.state(id)) throw new RpcError(status.UNKNOWN, `service "${id}" not defined`);
}

/** Only kubelet, etcd and extension services can be handled from outside (internal/app/machined/pkg/system/services). */
function controllable(id: string): void {
  if (!["kubelet", "cri", "trustd"].includes(id) && !id.startsWith("ext-"))
    throw new RpcError(status.UNKNOWN, `service "${id}" doesn't support this operation via API`);
}

export function infoPart(rpc: Rpc): Part {
  return {
    version: rpc.unary(({ node }) => ({
      messages: [
        {
          metadata: undefined,
          version: {
            tag: node.running.release,
            sha: shas[node.running.release] ?? "undefined",
            built: "",
            goVersion: "go1.26.1",
            os: "linux",
            arch: "amd64",
          },
          platform: { name: "metal", mode: "metal" },
          features: node.maintenance ? undefined : { rbac: true },
        },
      ],
    })),
    serviceList: rpc.unary(({ node }) => ({ messages: [{ metadata: undefined, services: node.services.list() }] })),
    serviceStart: rpc.unary(({ node }, { id }) => {
      known(node, id);
      controllable(id);
      startService(node, id);
      return { messages: [{ metadata: undefined, resp: `Service "${id}" started` }] };
    }),
    serviceStop: rpc.unary(({ node }, { id }) => {
      known(node, id);
      controllable(id);
      setService(node, id, "Finished", "Service finished successfully");
      return { messages: [{ metadata: undefined, resp: `Service "${id}" stopped` }] };
    }),
    serviceRestart: rpc.unary(({ node }, { id }) => {
      known(node, id);
      controllable(id);
      setService(node, id, "Stopping", `Sending SIGTERM to task ${id}`);
      startService(node, id);
      return { messages: [{ metadata: undefined, resp: `Service "${id}" restarted` }] };
    }),
    logsContainers: rpc.unary(({ node }) => ({
      messages: [{ metadata: undefined, ids: [...node.logs.keys(), "controller-runtime", "kernel"].sort() }],
    })),
    mounts: rpc.unary(({ node }) => {
      const size = BigInt(node.machine.disk.sizeBytes);
      return {
        messages: [
          {
            metadata: undefined,
            stats: [
              { filesystem: `${node.machine.disk.devPath}p4`, size, available: (size * 7n) / 10n, mountedOn: "/var" },
              {
                filesystem: `${node.machine.disk.devPath}p3`,
                size: 92_274_688n,
                available: 88_080_384n,
                mountedOn: "/system/state",
              },
            ],
          },
        ],
      };
    }),
  };
}
