import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { mintServerCertificate } from "@/lib/machine-config/pki-leaf";
import type { SimCluster } from "../cluster/cluster";
import type { SimNode } from "../node/node";
import { tlsKeyPem } from "../wire/certificates";
import type { World } from "../world";
import { answerKubernetes } from "./api";
import { ClusterState } from "./cluster-state";
import type { Pod } from "./pods";
import { statusObject } from "./objects";

const dayMs = 86_400_000;

/** The Kubernetes APIs of a fleet, one per cluster. */
export class KubernetesWorld {
  private readonly states = new Map<SimCluster, ClusterState>();
  private readonly servers: Server[] = [];

  /** Serves a cluster's API on loopback under its own authority; only client certificates of that authority are let in. */
  async serve(cluster: SimCluster, world: World, port: number): Promise<void> {
    const state = new ClusterState(world);
    this.states.set(cluster, state);
    const now = world.clock.nowMs();
    const { kubernetes } = cluster.secrets;
    const pair = await mintServerCertificate({
      ca: kubernetes,
      ips: ["127.0.0.1"],
      dnsNames: ["localhost", "kubernetes"],
      commonName: "kube-apiserver",
      notBefore: new Date(now - dayMs),
      notAfter: new Date(now + 365 * dayMs),
      keyKind: "ecdsa-p256",
    });
    const server = createServer(
      {
        key: tlsKeyPem(pair.keyPem),
        cert: pair.certPem,
        ca: kubernetes.certPem,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          const authorized = "authorized" in request.socket && request.socket.authorized === true;
          const refuse = (code: number, reason: string, message: string) =>
            void response
              .writeHead(code, { "content-type": "application/json" })
              .end(JSON.stringify(statusObject(code, reason, message)));
          if (!authorized) return refuse(401, "Unauthorized", "Unauthorized");
          if (!cluster.etcd.quorate) return refuse(500, "InternalError", "etcdserver: no leader");
          try {
            answerKubernetes(state, request, response, Buffer.concat(chunks).toString("utf8"));
          } catch (error) {
            refuse(400, "BadRequest", error instanceof Error ? error.message : String(error));
          }
        });
      },
    );
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
    this.servers.push(server);
    cluster.kubernetesEndpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  stateOf(node: SimNode): ClusterState | undefined {
    return node.cluster ? this.states.get(node.cluster) : undefined;
  }

  podsOf(node: SimNode): Pod[] {
    return [...(this.stateOf(node)?.pods.values() ?? [])].filter(({ nodeName }) => nodeName === node.hostname);
  }

  nodeChanged(node: SimNode): void {
    this.stateOf(node)?.nodeChanged(node);
  }

  /** Once the fleet is up: nodes that booted before their control plane are registered now. */
  settle(world: World): void {
    for (const node of world.nodes.values()) this.nodeChanged(node);
  }

  /** Cordons a node and evicts what can be evicted, for at most five minutes: the legacy upgrade's own drain. */
  async drain(node: SimNode): Promise<void> {
    const state = this.stateOf(node);
    if (!state) return;
    const name = node.hostname;
    state.setUnschedulable(name, true);
    for (let waitedMs = 0; waitedMs < 300_000; waitedMs += 1_000) {
      const left = [...state.pods.values()].filter(
        (pod) => pod.nodeName === name && pod.owner.kind !== "DaemonSet" && pod.owner.kind !== "Node",
      );
      if (left.length === 0) return;
      for (const pod of left) if (pod.deletingMs === null && !state.blocking(pod)) state.delete(pod);
      await node.wait(1_000);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  }
}
