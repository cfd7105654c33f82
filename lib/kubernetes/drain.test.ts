import { afterEach, describe, expect, test } from "vitest";
import { type KubernetesClient, openKubernetes } from "./client";
import { type DrainProgress, drainBlockers, drainNode } from "./drain";
import { KubeconfigRefused } from "./errors";
import { getKubernetesNode } from "./nodes";
import { type KubernetesTestServer, startKubernetesServer } from "./testing";

type Pod = { name: string; labels?: Record<string, string>; owner?: string; phase?: string; mirror?: boolean };

/** A node with pods and one budget: evictions of `app: db` pods are refused `refusals` times. */
function cluster(pods: Pod[], refusals: number) {
  const state = {
    present: new Set(pods.map(({ name }) => name)),
    refusals,
    unschedulable: false,
    evictions: [] as string[],
    patches: [] as string[],
  };
  const list = () =>
    pods
      .filter(({ name }) => state.present.has(name))
      .map((pod) => ({
        metadata: {
          name: pod.name,
          namespace: "prod",
          uid: `uid-${pod.name}`,
          labels: pod.labels ?? {},
          annotations: pod.mirror ? { "kubernetes.io/config.mirror": "x" } : {},
          ownerReferences: pod.owner
            ? [{ apiVersion: "apps/v1", kind: pod.owner, name: "o", uid: "u", controller: true }]
            : [],
        },
        status: { phase: pod.phase ?? "Running" },
      }));
  const handle: Parameters<typeof startKubernetesServer>[0] = ({ method, path, body, headers }) => {
    if (method === "PATCH") {
      state.patches.push(`${headers["content-type"]} ${body}`);
      state.unschedulable = body.includes("true");
      return { status: 200, body: { metadata: { name: "w1" } } };
    }
    if (path === "/api/v1/nodes/w1") {
      const status = {
        conditions: [{ type: "Ready", status: "True" }],
        allocatable: { cpu: "8", "nvidia.com/gpu": "2" },
        nodeInfo: { kubeletVersion: "v1.36.1" },
      };
      return { status: 200, body: { metadata: { name: "w1" }, spec: { unschedulable: state.unschedulable }, status } };
    }
    if (path === "/api/v1/pods") return { status: 200, body: { metadata: {}, items: list() } };
    const eviction = /pods\/([^/]+)\/eviction$/.exec(path)?.[1];
    if (eviction) {
      state.evictions.push(`${eviction} ${body.includes(`"uid":"uid-${eviction}"`)}`);
      if (pods.find(({ name }) => name === eviction)?.labels?.app === "db" && state.refusals-- > 0) {
        return { status: 429, body: { kind: "Status", message: "Cannot evict pod", reason: "TooManyRequests" } };
      }
      state.present.delete(eviction);
      return { status: 201, body: { kind: "Status", status: "Success" } };
    }
    if (path.endsWith("/poddisruptionbudgets")) {
      const budget = (name: string, app: string) => ({
        metadata: { name, namespace: "prod" },
        spec: { selector: { matchLabels: { app } } },
        status: { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 2 },
      });
      return { status: 200, body: { metadata: {}, items: [budget("web-pdb", "web"), budget("db-pdb", "db")] } };
    }
    return { status: 404, body: { kind: "Status", message: "not here" } };
  };
  return { state, handle };
}

let server: KubernetesTestServer;
let client: KubernetesClient;
afterEach(async () => {
  client.close();
  await server.close();
});
const open = async (handle: Parameters<typeof startKubernetesServer>[0], timeoutMs = 5_000) => {
  server = await startKubernetesServer(handle);
  client = openKubernetes(server.kubeconfig(), { timeoutMs });
};
const fast = () => {
  let now = 0;
  return { nowMs: () => now, wait: async (ms: number) => void (now += ms) };
};

describe("drainNode", () => {
  test("evicts what must leave, keeps what stays, and names the budget that blocks", async () => {
    const { state, handle } = cluster(
      [
        { name: "db-0", labels: { app: "db" }, owner: "StatefulSet" },
        { name: "web-0", labels: { app: "web" }, owner: "ReplicaSet" },
        { name: "agent", owner: "DaemonSet" },
        { name: "kube-apiserver-w1", mirror: true },
        { name: "job-1", phase: "Succeeded", owner: "Job" },
      ],
      2,
    );
    await open(handle);
    const seen: DrainProgress[] = [];
    const outcome = await drainNode(client, "w1", {
      timeoutMs: 60_000,
      onProgress: (p) => void seen.push(p),
      ...fast(),
    });
    expect(outcome.kind).toBe("drained");
    expect(seen[0]?.pods.find(({ name }) => name === "prod/db-0")).toEqual({
      name: "prod/db-0",
      state: "waiting-budget",
      detail: "PodDisruptionBudget db-pdb allows 0 disruptions now: 2 ready, 2 needed.",
    });
    expect(outcome.progress).toMatchObject({ total: 2, gone: 2 });
    expect(outcome.progress.pods.filter((pod) => pod.state === "skipped").map((pod) => pod.detail)).toEqual([
      "Stays: belongs to a DaemonSet.",
      "Stays: static pod of the node.",
      "Stays: has finished.",
    ]);
    // Three tries for the guarded pod, one for the other, each with the pod's own UID.
    expect(state.evictions).toEqual(["db-0 true", "web-0 true", "db-0 true", "db-0 true"]);
  });

  test("gives up when the time is up and says what stands in the way", async () => {
    await open(cluster([{ name: "db-0", labels: { app: "db" } }], Number.POSITIVE_INFINITY).handle);
    const outcome = await drainNode(client, "w1", { timeoutMs: 20_000, onProgress: () => {}, ...fast() });
    expect(outcome.kind).toBe("blocked");
    expect(drainBlockers(outcome.progress)).toEqual([
      "prod/db-0 may not be evicted: PodDisruptionBudget db-pdb allows 0 disruptions now: 2 ready, 2 needed.",
    ]);
  });
});

test("a pod that was replaced meanwhile counts as gone, and is not evicted in the other's stead", async () => {
  const { handle, state } = cluster([{ name: "db-0", labels: { app: "db" } }], 0);
  await open((request) => {
    if (!request.path.endsWith("/eviction")) return handle(request);
    state.evictions.push("db-0");
    state.present.delete("db-0");
    return {
      status: 409,
      body: { kind: "Status", reason: "Conflict", message: "the UID in the precondition differs" },
    };
  });
  const outcome = await drainNode(client, "w1", { timeoutMs: 5_000, onProgress: () => {}, ...fast() });
  expect(outcome).toMatchObject({ kind: "drained", progress: { total: 1, gone: 1 } });
  expect(state.evictions).toEqual(["db-0"]);
});

test("pods are read to the last page", async () => {
  const pods = ["a-0", "b-0", "c-0"].map((name) => ({ name, labels: { app: "x" } }));
  const { handle, state } = cluster(pods, 0);
  const asked: (string | null)[] = [];
  await open((request) => {
    if (request.path !== "/api/v1/pods") return handle(request);
    const whole = handle(request) as { status: number; body: { items: unknown[] } };
    const from = Number(request.query.get("continue") ?? 0);
    asked.push(request.query.get("continue"));
    const more = from + 1 < whole.body.items.length;
    const metadata = more ? { continue: String(from + 1) } : {};
    return { status: 200, body: { metadata, items: whole.body.items.slice(from, from + 1) } };
  });
  const outcome = await drainNode(client, "w1", { timeoutMs: 5_000, onProgress: () => {}, ...fast() });
  expect(asked.slice(0, 3)).toEqual([null, "1", "2"]);
  expect(outcome).toMatchObject({ kind: "drained", progress: { total: 3, gone: 3 } });
  expect(state.evictions.map((line) => line.split(" ")[0])).toEqual(["a-0", "b-0", "c-0"]);
});

describe("failures of the connection", () => {
  const code = async (promise: Promise<unknown>) =>
    promise.then(
      () => "ok",
      (error: Error) => error.message,
    );

  test("a refused kubeconfig, a silent server, a reset and a foreign certificate each have their sentence", async () => {
    await open(
      ({ path }) =>
        path.endsWith("/hang")
          ? "hang"
          : path.endsWith("/reset")
            ? "reset"
            : { status: path.endsWith("/unknown") ? 401 : 403, body: { message: "no" } },
      300,
    );
    expect(await code(getKubernetesNode(client, "w1"))).toMatch(
      /does not allow the cluster's kubeconfig to read node w1/,
    );
    const unknown = getKubernetesNode(client, "unknown");
    await expect(unknown).rejects.toMatchObject({
      code: "refused",
      hint: expect.stringMatching(/a new one is fetched/),
    });
    await expect(unknown).rejects.toThrow(KubeconfigRefused);
    // Not one of those that are asked again.
    await expect(getKubernetesNode(client, "w1")).rejects.toMatchObject({ code: "refused" });
    expect(await code(getKubernetesNode(client, "hang"))).toMatch(
      /did not answer in time when asked to read node hang/,
    );
    expect(await code(getKubernetesNode(client, "reset"))).toMatch(/its API cannot be reached/);
    const other = await startKubernetesServer(() => ({ status: 200, body: {} }));
    const stranger = openKubernetes(server.kubeconfig().replace(String(server.port), String(other.port)));
    expect(await code(getKubernetesNode(stranger, "w1"))).toMatch(/its certificate is not the one/);
    stranger.close();
    await other.close();
  });

  test("an abort by the caller is not dressed as a failure", async () => {
    await open(() => "hang");
    const controller = new AbortController();
    const reason = new Error("stop");
    const call = getKubernetesNode(client, "w1", controller.signal);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});
