import { status } from "@grpc/grpc-js";
import type { ClusterServiceServer } from "@/lib/talos/gen/cluster/cluster";
import { checks, type ClusterNodes } from "../cluster/health-check";
import type { SimNode } from "../node/node";
import { requireControlPlane } from "./control-plane";
import { RpcError, type Rpc } from "./rpc";

const pollMs = 1_000;

function clusterOf(asked: SimNode, wanted: readonly string[]): ClusterNodes {
  const own = [...asked.world.nodes.values()].filter((node) => node.cluster === asked.cluster && !node.maintenance);
  const all = wanted.length === 0 ? own : own.filter(({ address }) => wanted.includes(address));
  return { all, controlPlanes: all.filter(({ controlPlane }) => controlPlane), asked };
}

/** cluster.ClusterService: `talosctl health`, check after check, each until it holds or the time is over. */
export function clusterService(rpc: Rpc): ClusterServiceServer {
  return {
    healthCheck: rpc.stream(async ({ node }, { waitTimeout, clusterInfo }, out) => {
      requireControlPlane(node, "cluster health check");
      const cluster = clusterOf(node, [...(clusterInfo?.controlPlaneNodes ?? []), ...(clusterInfo?.workerNodes ?? [])]);
      const say = (message: string) => out.send({ metadata: undefined, message });
      const addresses = cluster.all.map(({ address }) => JSON.stringify(address)).join(" ");
      await say(`discovered nodes: [${addresses}]`);
      let leftMs = Number(waitTimeout?.seconds ?? 0n) * 1000;
      for (const { name, problem } of checks) {
        let told = "";
        for (;;) {
          const why = problem(cluster);
          const line = `waiting for ${name}: ${why ?? "OK"}`;
          if (line !== told) await say(line);
          told = line;
          if (why === null) break;
          if (leftMs <= 0) throw new RpcError(status.DEADLINE_EXCEEDED, "context deadline exceeded");
          if (out.signal.aborted) return;
          await node.wait(pollMs);
          leftMs -= pollMs;
        }
      }
    }),
  };
}
