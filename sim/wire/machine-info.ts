import { status } from "@grpc/grpc-js";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { isActive, startService, stopServices } from "../node/services";
import type { SimNode } from "../node/node";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<
  MachineServiceServer,
  | "version"
  | "hostname"
  | "serviceList"
  | "serviceStart"
  | "serviceStop"
  | "serviceRestart"
  | "logsContainers"
  | "mounts"
>;

const shas: Readonly<Record<string, string>> = { "v1.12.11": "a41f2c77", "v1.13.9": "5d0e91b2", "v1.14.0": "c3b7f08e" };

type Operation = "start" | "stop" | "restart";

/**
 * Starts, stops or restarts as Talos lets it be done from outside: the kubelet is not stopped, extensions' services are anything,
 * what is as wanted already is left so, and all else is refused (internal/app/machined/pkg/system/services).
 */
function operate(node: SimNode, id: string, wanted: Operation): void {
  const active = isActive(node, id);
  if (!node.services.state(id)) throw new RpcError(status.UNKNOWN, `service "${id}" not defined`);
  const operation = wanted === "restart" && !active ? "start" : wanted;
  if (operation === (active ? "start" : "stop")) return;
  if (!id.startsWith("ext-") && (id !== "kubelet" || operation === "stop"))
    throw new RpcError(status.UNKNOWN, `service "${id}" doesn't support ${operation} operation via API`);
  if (operation !== "start") stopServices(node, [id]);
  if (operation !== "stop") startService(node, id);
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
    hostname: rpc.unary(({ node }) => ({ messages: [{ metadata: undefined, hostname: node.hostname }] })),
    serviceList: rpc.unary(({ node }) => ({ messages: [{ metadata: undefined, services: node.services.list() }] })),
    serviceStart: rpc.unary(({ node }, { id }) => {
      operate(node, id, "start");
      return { messages: [{ metadata: undefined, resp: `Service "${id}" started` }] };
    }),
    serviceStop: rpc.unary(({ node }, { id }) => {
      operate(node, id, "stop");
      return { messages: [{ metadata: undefined, resp: `Service "${id}" stopped` }] };
    }),
    serviceRestart: rpc.unary(({ node }, { id }) => {
      operate(node, id, "restart");
      return { messages: [{ metadata: undefined, resp: `Service "${id}" restarted` }] };
    }),
    logsContainers: rpc.unary(({ node }) => ({
      messages: [{ metadata: undefined, ids: [...node.logs.keys(), "kernel"].sort() }],
    })),
    mounts: rpc.unary(({ node }) => {
      const { devPath, sizeBytes } = node.machine.disk;
      const size = BigInt(sizeBytes);
      const root = { filesystem: "/dev/loop0", size: 82_051_072n, available: 0n, mountedOn: "/" };
      const state = {
        filesystem: `${devPath}p3`,
        size: 92_274_688n,
        available: 88_080_384n,
        mountedOn: "/system/state",
      };
      const ephemeral = { filesystem: `${devPath}p4`, size, available: (size * 7n) / 10n, mountedOn: "/var" };
      return {
        messages: [{ metadata: undefined, stats: node.installed ? [root, state, ephemeral] : [root] }],
      };
    }),
  };
}
