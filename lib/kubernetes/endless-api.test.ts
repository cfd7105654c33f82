import { afterEach, describe, expect, test } from "vitest";
import { kubernetesCaps } from "@/lib/core/bounds/input-caps";
import { openKubernetes, type KubernetesClient } from "./client";
import { getKubernetesNode } from "./nodes";
import { listPodsOnNode } from "./pods";
import { startKubernetesServer, type KubernetesTestServer } from "./testing";

let server: KubernetesTestServer;
let client: KubernetesClient;
afterEach(async () => {
  client.close();
  await server.close();
});
const open = async (handle: Parameters<typeof startKubernetesServer>[0]) => {
  server = await startKubernetesServer(handle);
  client = openKubernetes(server.kubeconfig());
};
const pods = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ metadata: { name: `p${at}`, uid: `${at}` } }));
const failure = (work: Promise<unknown>) =>
  work.then(
    () => "it ended well",
    (error: Error) => error.message,
  );

describe("an API that sends without end", () => {
  test("an answer longer than its cap", async () => {
    await open(() => ({ status: 200, body: { metadata: { name: "x".repeat(kubernetesCaps.answerBytes) } } }));
    expect(await failure(getKubernetesNode(client, "w1"))).toContain("answer is not read: it is longer than 2 MiB");
  });

  test("an answer deeper than its cap", async () => {
    const deep = JSON.parse("[".repeat(100) + "]".repeat(100)) as unknown;
    await open(() => ({ status: 200, body: { metadata: { name: "w1" }, spec: deep } }));
    expect(await failure(getKubernetesNode(client, "w1"))).toContain("more than 32 levels deep");
  });

  test("an answer of more values than its cap, also as a refusal", async () => {
    const many = Array.from({ length: kubernetesCaps.answerNodes }, () => 0);
    await open(() => ({ status: 500, body: { many } }));
    expect(await failure(getKubernetesNode(client, "w1"))).toContain("more than 40000 values");
  });

  test("a list that always goes on", async () => {
    let calls = 0;
    await open(() => ({ status: 200, body: { metadata: { continue: `t${calls++}` }, items: pods(1) } }));
    expect(await failure(listPodsOnNode(client, "w1"))).toContain("does not end: it has more than 1000 pages");
    expect(calls).toBe(kubernetesCaps.pages);
  });

  test("a token that comes again", async () => {
    await open(() => ({ status: 200, body: { metadata: { continue: "same" }, items: pods(1) } }));
    expect(await failure(listPodsOnNode(client, "w1"))).toContain("it goes on where it was before");
  });

  test("pages that are larger than what was asked for, and more pods than a node has", async () => {
    let size = kubernetesCaps.pageItems + 1;
    let calls = 0;
    await open(() => ({ status: 200, body: { metadata: { continue: `t${calls++}` }, items: pods(size) } }));
    expect(await failure(listPodsOnNode(client, "w1"))).toContain("more than the 50 entries that were asked for");
    size = kubernetesCaps.pageItems;
    expect(await failure(listPodsOnNode(client, "w1"))).toContain("more than 2000 pods on w1");
  });

  test("a byte now and then is left after its time, and the connection with it", async () => {
    let left: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (left = resolve));
    server = await startKubernetesServer(() => ({ drip: "[", everyMs: 50, left }));
    client = openKubernetes(server.kubeconfig(), { timeoutMs: 1_000 });
    const answered = failure(getKubernetesNode(client, "w1"));
    const list = failure(listPodsOnNode(client, "w1"));
    expect(await answered).toContain("did not answer in time");
    expect(await list).not.toBe("it ended well");
    await gone;
  });

  test("a redirect is not followed", async () => {
    await open(() => ({ status: 302, body: {} }));
    expect(await failure(getKubernetesNode(client, "w1"))).toContain("HTTP 302");
  });
});
