import { afterEach, describe, expect, test } from "vitest";
import { type KubernetesClient, openKubernetes } from "./client";
import { evictPod } from "./eviction";
import { drainedPodsByNode, listPodsOnNode, type NodePod } from "./pods";
import { type KubernetesTestServer, startKubernetesServer } from "./testing";

type Handle = Parameters<typeof startKubernetesServer>[0];
const open: { server: KubernetesTestServer; client: KubernetesClient }[] = [];
async function connect(handle: Handle): Promise<KubernetesClient> {
  const server = await startKubernetesServer(handle);
  const client = openKubernetes(server.kubeconfig());
  open.push({ server, client });
  return client;
}
afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.close();
    await server.close();
  }
});

const pod: NodePod = {
  uid: "uid-db-0",
  namespace: "prod",
  name: "db-0",
  labels: { app: "db" },
  drain: { kind: "evict" },
  endsByMs: null,
  unmanaged: false,
};
const status = (code: number, message: string) => ({ status: code, body: { kind: "Status", code, message } });

describe("an eviction that the API server refuses", () => {
  const budgets = { status: 200, body: { metadata: {}, items: [] } };
  const answered = (code: number, message = "no") =>
    connect(({ path }) => (path.endsWith("/eviction") ? status(code, message) : budgets));

  test.each([
    ["no such pod", 404],
    // The precondition: another pod has the name now, as a StatefulSet's does a moment after its predecessor has gone.
    ["another pod of that name", 409],
  ])("%s: the one that was meant is gone", async (_name, code) => {
    expect(await evictPod(await answered(code), pod)).toEqual({ kind: "gone" });
  });

  test.each([
    ["a budget", 429, "Cannot evict pod as it would violate the pod's disruption budget."],
    [
      "several budgets",
      500,
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    ],
  ])("%s: it waits", async (_name, code, message) => {
    expect(await evictPod(await answered(code, message), pod)).toMatchObject({ kind: "blocked" });
  });

  test.each([
    ["a failure of the server", 500, "etcdserver: request timed out"],
    ["no right to evict", 403, 'pods "db-0" is forbidden'],
    ["a request that it does not take", 422, "invalid"],
  ])("%s is a failure, not a pod that is gone", async (_name, code, message) => {
    await expect(evictPod(await answered(code, message), pod)).rejects.toThrow();
  });

  test("asks for the pod with that uid and no other", async () => {
    const bodies: unknown[] = [];
    const client = await connect(({ body }) => {
      bodies.push(JSON.parse(body));
      return { status: 201, body: { kind: "Status", status: "Success" } };
    });
    expect(await evictPod(client, pod)).toEqual({ kind: "accepted" });
    expect(bodies).toMatchObject([{ deleteOptions: { preconditions: { uid: "uid-db-0" } } }]);
  });
});

describe("the pods of a node", () => {
  /** Seven pods, three to a page. */
  function paged() {
    const asked: { limit: string | null; from: string | null; selector: string | null }[] = [];
    const handle: Handle = ({ query }) => {
      const from = query.get("continue");
      asked.push({ limit: query.get("limit"), from, selector: query.get("fieldSelector") });
      const first = Number(from ?? 0);
      const items = [0, 1, 2, 3, 4, 5, 6].slice(first, first + 3).map((index) => ({
        metadata: { name: `p-${index}`, namespace: "prod", uid: `u-${index}` },
        spec: { nodeName: index % 2 === 0 ? "w1" : "w2" },
        status: { phase: "Running" },
      }));
      return {
        status: 200,
        body: { metadata: first + 3 < 7 ? { continue: String(first + 3) } : { continue: "" }, items },
      };
    };
    return { asked, handle };
  }

  test("are read page by page to the last", async () => {
    const { asked, handle } = paged();
    const pods = await listPodsOnNode(await connect(handle), "w1");
    expect(pods.map(({ name }) => name)).toEqual(["p-0", "p-1", "p-2", "p-3", "p-4", "p-5", "p-6"]);
    expect(asked.map(({ from }) => from)).toEqual([null, "3", "6"]);
    expect(new Set(asked.map(({ limit, selector }) => `${limit} ${selector}`))).toEqual(
      new Set(["50 spec.nodeName=w1"]),
    );
  });

  test("a page that fails fails the whole: a part of the pods is not all of them", async () => {
    const { handle } = paged();
    const client = await connect((request) =>
      request.query.get("continue") === "3" ? status(500, "no") : handle(request),
    );
    await expect(listPodsOnNode(client, "w1")).rejects.toThrow();
  });

  test("of many nodes are found in a list of the whole cluster, all its pages", async () => {
    const { asked, handle } = paged();
    const names = Array.from({ length: 60 }, (_, index) => `w${index + 1}`);
    const byNode = await drainedPodsByNode(await connect(handle), names);
    expect(byNode.get("w1")).toEqual(["prod/p-0", "prod/p-2", "prod/p-4", "prod/p-6"]);
    expect(byNode.get("w2")).toEqual(["prod/p-1", "prod/p-3", "prod/p-5"]);
    expect(asked).toHaveLength(3);
  });
});
